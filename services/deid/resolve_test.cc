#include "services/deid/resolve.h"

#include <gtest/gtest.h>

#include "services/deid/replace.h"
#include "services/deid/verify.h"

namespace freshet::deid {
namespace {

using enum IdentifierType;

Finding Make(uint32_t begin, uint32_t end, IdentifierType type, float score, std::string_view detector = "test/x") {
  return {begin, end, type, score, detector};
}

std::string Printed(const Resolved& resolved) {
  std::string out;
  for (const Finding& finding : resolved.findings) {
    out += std::string(LabelOf(finding.type)) + "[" + std::to_string(finding.begin) + "," +
           std::to_string(finding.end) + ") ";
  }
  return out;
}

std::string ResolvedOf(std::vector<Finding> findings, std::string_view policy = "safe_harbor") {
  const std::string text(40, 'x');
  return Printed(Resolve(Text(text), **FindPolicy(policy), std::move(findings)));
}

TEST(Resolve, OverlapsBecomeOneRangeThatCoversAll) {
  EXPECT_EQ(ResolvedOf({Make(0, 10, kPhone, 0.6f), Make(5, 12, kMrn, 0.9f)}), "MRN[0,12) ");
  EXPECT_EQ(ResolvedOf({Make(5, 8, kSsn, 0.9f), Make(0, 10, kMrn, 0.9f)}), "MRN[0,10) ") << "equal scores: the longest";
  EXPECT_EQ(ResolvedOf({Make(0, 5, kName, 0.9f), Make(5, 9, kMrn, 0.9f)}), "NAME[0,5) MRN[5,9) ")
      << "touching is not overlapping";
  EXPECT_EQ(ResolvedOf({Make(0, 4, kName, 0.9f), Make(2, 8, kDate, 0.7f), Make(7, 12, kMrn, 0.8f)}), "NAME[0,12) ");
}

TEST(Resolve, GuessesStayAndCountAsDoubt) {
  const std::string text(40, 'x');
  const Resolved resolved = Resolve(
      Text(text), *DefaultPolicy(),
      {Make(0, 5, kPhone, 0.3f), Make(10, 15, kPhone, 0.4f), Make(20, 30, kMrn, 0.9f), Make(21, 25, kPhone, 0.45f)});
  EXPECT_EQ(Printed(resolved), "MRN[20,30) ");
  ASSERT_EQ(resolved.guesses.size(), 2u) << "what is gone with something else raises no doubt";
  EXPECT_EQ(resolved.guesses[0].begin, 0u);
  EXPECT_EQ(resolved.guesses[1].begin, 10u);
}

TEST(Resolve, KeptKindsShieldLesserReadings) {
  const std::vector<Finding> findings = {Make(0, 10, kDate, 0.9f), Make(0, 10, kPhone, 0.6f)};
  EXPECT_EQ(ResolvedOf(findings, "limited_data_set"), "");
  EXPECT_EQ(ResolvedOf(findings, "safe_harbor"), "DATE[0,10) ");
  EXPECT_EQ(ResolvedOf({Make(0, 10, kDate, 0.6f), Make(0, 10, kPhone, 0.9f)}, "limited_data_set"), "PHONE[0,10) ");
  EXPECT_EQ(ResolvedOf({Make(2, 8, kDate, 0.9f), Make(0, 10, kPhone, 0.6f)}, "limited_data_set"), "PHONE[0,10) ");
  EXPECT_EQ(ResolvedOf({Make(0, 10, kCity, 0.9f), Make(0, 10, kName, 0.8f, "roster/name")}, "limited_data_set"),
            "NAME[0,10) ")
      << "whom the roster knows is never shielded";
}

TEST(Resolve, WhatTheModelTakesForATownShieldsWordsAlone) {
  const Finding town = Make(0, 20, kCity, 0.9f, "model/city");
  EXPECT_EQ(ResolvedOf({town, Make(0, 9, kName, 0.8f)}, "limited_data_set"), "");
  EXPECT_EQ(ResolvedOf({town, Make(7, 20, kAddress, 0.9f)}, "limited_data_set"), "ADDRESS[7,20) ");
  EXPECT_EQ(ResolvedOf({town, Make(8, 14, kMrn, 0.6f)}, "limited_data_set"), "MRN[8,14) ");
}

TEST(Resolve, OneMentionInTwoParts) {
  const auto of = [](std::string_view text, Finding a, Finding b) {
    return Printed(Resolve(Text(text), *DefaultPolicy(), {a, b}));
  };
  EXPECT_EQ(of("Ada Quill", Make(0, 3, kName, 0.9f), Make(4, 9, kName, 0.9f)), "NAME[0,9) ");
  EXPECT_EQ(of("Ada, Quill", Make(0, 3, kName, 0.9f), Make(5, 10, kName, 0.9f)), "NAME[0,3) NAME[5,10) ");
  EXPECT_EQ(of("Monday, May 3", Make(0, 6, kDate, 0.6f), Make(8, 13, kDate, 0.9f)), "DATE[0,13) ");
  EXPECT_EQ(of("471 183", Make(0, 3, kMrn, 0.9f), Make(4, 7, kMrn, 0.9f)), "MRN[0,3) MRN[4,7) ");
}

TEST(Resolve, ManyFindingsInAnyOrderGiveTheSame) {
  std::vector<Finding> findings;
  for (uint32_t i = 0; i < 12; ++i)
    findings.push_back(Make(i * 3, i * 3 + 2 + i % 3, i % 2 ? kMrn : kPhone, 0.6f + 0.02f * static_cast<float>(i)));
  const std::string expected = ResolvedOf(findings);
  std::reverse(findings.begin(), findings.end());
  EXPECT_EQ(ResolvedOf(findings), expected);
}

TEST(ClipToBlocks, CutsAtTheEdges) {
  const std::vector<Block> blocks = {{.begin = 0, .end = 10}, {.begin = 12, .end = 20}, {.begin = 20, .end = 30}};
  const std::vector<Finding> findings = {Make(2, 4, kName, 1), Make(8, 14, kName, 1), Make(18, 22, kName, 1),
                                         Make(10, 12, kName, 1)};
  std::string out;
  for (const Finding& part : ClipToBlocks(findings, blocks))
    out += std::to_string(part.begin) + "-" + std::to_string(part.end) + " ";
  EXPECT_EQ(out, "2-4 8-10 12-14 18-20 20-22 ");
}

TEST(Replace, MovesBlocksAlong) {
  const std::string text = "Ada Quill\n\nMRN 471183 x";
  const std::vector<Block> blocks = {
      {.kind = Block::Kind::kHeading, .level = 1, .begin = 0, .end = 9, .source_place = "line=1"},
      {.begin = 11, .end = 23, .source_place = "line=3"}};
  const std::vector<Finding> findings = {Make(0, 9, kName, 1), Make(15, 21, kMrn, 1)};
  const Replaced replaced = Replace(text, blocks, findings, PlaceholderReplacer(*DefaultPolicy()));
  EXPECT_EQ(replaced.text, "[NAME]\n\nMRN [MRN] x");
  ASSERT_EQ(replaced.blocks.size(), 2u);
  EXPECT_EQ(replaced.text.substr(replaced.blocks[0].begin, replaced.blocks[0].end - replaced.blocks[0].begin),
            "[NAME]");
  EXPECT_EQ(replaced.text.substr(replaced.blocks[1].begin), "MRN [MRN] x");
  EXPECT_EQ(replaced.blocks[0].source_place, "line=1");
}

TEST(Replace, RemovedBlocksVanish) {
  Policy policy = *DefaultPolicy();
  policy.rules.fill({.action = Action::kRemove});
  const std::vector<Block> blocks = {{.begin = 0, .end = 3}, {.begin = 4, .end = 7}};
  const std::vector<Finding> findings = {Make(0, 3, kName, 1)};
  const Replaced replaced = Replace("Ada and", blocks, findings, PlaceholderReplacer(policy));
  EXPECT_EQ(replaced.text, " and");
  ASSERT_EQ(replaced.blocks.size(), 1u);
  EXPECT_EQ(replaced.blocks[0].begin, 1u);
}

TEST(Replace, KnowsItsPlaceholders) {
  const std::string text = "a [NAME] b [note] c [HEALTH_PLAN]";
  EXPECT_TRUE(IsInPlaceholder(text, 3, 7));
  EXPECT_FALSE(IsInPlaceholder(text, 12, 16));
  EXPECT_FALSE(IsInPlaceholder(text, 0, 1));
  EXPECT_TRUE(IsInPlaceholder(text, 21, 27));
}

TEST(Verify, FindsWhatIsLeft) {
  const Policy& policy = *DefaultPolicy();
  EXPECT_TRUE(Verify("[NAME] came, SSN [SSN], [EMAIL]", policy, {}).ok());
  const Status status = Verify("left: 078-05-1120 and ada@quill.example", policy, {});
  EXPECT_EQ(status.code(), Code::kQuarantined);
  EXPECT_EQ(status.message(), "0 known identities, 2 hard shapes left.");
  EXPECT_EQ(CountHardShapes("1078-05-11201 a@b 5 mg @ 8", policy), 0u);
}

TEST(Verify, AsksTheRosterOnceMore) {
  RosterBuilder builder;
  IdentityChange ada{.patient = PatientId("p1"), .identity = "legal"};
  ada.names.push_back({.given = {"Ada"}, .family = "Name"});
  builder.Apply(SourceName("ehr"), ada);
  const auto roster = builder.Snapshot();
  const std::vector<PatientId> patients = {PatientId("p1")};
  const Context context{.roster = roster.get(), .source = SourceName("ehr"), .patients = patients};
  EXPECT_TRUE(Verify("[NAME] came", *DefaultPolicy(), context).ok()) << "the placeholder is not the family Name";
  EXPECT_EQ(Verify("Ada came", *DefaultPolicy(), context).code(), Code::kQuarantined);
}

}  // namespace
}  // namespace freshet::deid
