// Access files: the grammar, and what lists mean below others.
#include "connectors/folder/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::folder {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

AccessList List(std::vector<std::string> allow, std::vector<std::string> deny = {}) {
  AccessList list;
  for (std::string& one : allow) list.allow.emplace_back(Principal(std::move(one)));
  for (std::string& one : deny) list.deny.emplace_back(Principal(std::move(one)));
  return list;
}

Listed For(std::string_view name, std::string_view from, std::string_view until) {
  Listed listed{Principal(name)};
  if (!from.empty()) listed.period.from = ParseTime(from).value();
  if (!until.empty()) listed.period.until = ParseTime(until).value();
  return listed;
}

TEST(AccessFile, ReadsAllKeysSortedWithoutDoubles) {
  const auto rule =
      ParseAccessFile("inherit: true\nallow: [\"user:b\", \"group:a\", \"user:b\"]\ndeny: [\"user:c\"]\n");
  ASSERT_TRUE(rule.ok()) << rule.status().ToString();
  EXPECT_TRUE(rule->inherit);
  EXPECT_THAT(rule->allow, ElementsAre(Principal("group:a"), Principal("user:b")));
  EXPECT_THAT(rule->deny, ElementsAre(Principal("user:c")));
}

TEST(AccessFile, WhatIsNotSaidLetsNobodyIn) {
  for (const char* text : {"", "# nothing\n", "allow: []\n", "deny: [\"user:c\"]\n"}) {
    const auto rule = ParseAccessFile(text);
    ASSERT_TRUE(rule.ok()) << text;
    EXPECT_FALSE(rule->inherit);
    EXPECT_THAT(Resolve(*rule, List({"group:everyone"})).allow, IsEmpty());
  }
}

TEST(AccessFile, ErrorsNameTheLineAndTheNearestKey) {
  const auto unknown = ParseAccessFile("inherit: true\nalow: [\"user:a\"]\n");
  EXPECT_EQ(unknown.code(), Code::kConfiguration);
  EXPECT_THAT(unknown.status().message(), HasSubstr("_access.yaml:2"));
  EXPECT_THAT(unknown.status().message(), HasSubstr("allow"));
  const auto principal = ParseAccessFile("allow:\n  - \"user:a\"\n  - nurses\n");
  EXPECT_THAT(principal.status().message(), HasSubstr("_access.yaml:3"));
}

TEST(AccessFile, RefusesWhatIsNoListOfPrincipals) {
  for (const char* text :
       {"allow: user:a\n", "allow: [\"user:\"]\n", "allow: [\"role:a\"]\n", "inherit: maybe\n", "- a\n",
        "allow: [[\"user:a\"]]\n", "allow: [\"user:a\"]\nallow: [\"user:b\"]\n", "allow: [\n", "\xff\n"}) {
    EXPECT_EQ(ParseAccessFile(text).code(), Code::kConfiguration) << text;
  }
}

TEST(AccessFile, ANameMayBeListedForATime) {
  const auto rule = ParseAccessFile(
      "allow: [\"group:staff\", {principal: \"user:locum\", from: 2026-01-31, until: \"2026-02-01T18:00:00+01:00\"}]\n"
      "deny:\n  - principal: user:bob\n    until: 2026-03-01\n");
  ASSERT_TRUE(rule.ok()) << rule.status().ToString();
  EXPECT_THAT(rule->allow, ElementsAre(Listed(Principal("group:staff")),
                                       For("user:locum", "2026-01-31T00:00:00Z", "2026-02-01T17:00:00Z")));
  EXPECT_THAT(rule->deny, ElementsAre(For("user:bob", "", "2026-03-01T00:00:00Z")));
}

TEST(AccessFile, ALimitThatCannotBeReadIsNeverNone) {
  for (const char* limits :
       {"until: soon", "until: 2026-02-30", "until: 1769904000", "until: ", "until: null", "until: [2026-02-01]",
        "till: 2026-02-01", "from: \"\"", "from: 2026-02-01, until: 2026-02-01", "from: 2026-02-02, until: 2026-02-01",
        "until: 2026-02-01T18:00:00"}) {
    const auto rule = ParseAccessFile("allow:\n  - {principal: \"user:locum\", " + std::string(limits) + "}\n");
    EXPECT_EQ(rule.code(), Code::kConfiguration) << limits;
    EXPECT_THAT(rule.status().message(), HasSubstr("_access.yaml:2: ")) << limits;
    EXPECT_THAT(rule.status().message(), Not(HasSubstr("locum"))) << limits;
  }
  for (const char* who :
       {"{until: 2026-02-01}", "{principal: locum, until: 2026-02-01}", "{principal: \"user:\"}", "{}"}) {
    EXPECT_EQ(ParseAccessFile("allow: [" + std::string(who) + "]\n").code(), Code::kConfiguration) << who;
  }
}

TEST(AccessLists, InheritAddsBothAllowsAndDenies) {
  const AccessRule rule{.inherit = true, .allow = {Principal("user:a")}, .deny = {Principal("user:x")}};
  EXPECT_EQ(Resolve(rule, List({"group:g"}, {"user:y"})), List({"group:g", "user:a"}, {"user:x", "user:y"}));
}

TEST(AccessLists, NarrowingIsFewerAllowedOrMoreDenied) {
  const AccessList wide = List({"group:a", "group:b"}, {"user:x"});
  EXPECT_TRUE(OnlyNarrows(wide, wide));
  EXPECT_TRUE(OnlyNarrows(wide, List({"group:a"}, {"user:x"})));
  EXPECT_TRUE(OnlyNarrows(wide, List({"group:a", "group:b"}, {"user:x", "user:y"})));
  EXPECT_FALSE(OnlyNarrows(wide, List({"group:a", "group:b"})));
  EXPECT_FALSE(OnlyNarrows(wide, List({"group:a", "group:c"}, {"user:x"})));
}

TEST(AccessLists, AShorterGrantAndALongerDenialNarrow) {
  const auto grant = [](std::string_view from, std::string_view until) {
    return AccessList{.allow = {For("user:a", from, until)}, .deny = {}};
  };
  const AccessList may = grant("2026-05-01", "2026-06-01");
  EXPECT_TRUE(OnlyNarrows(List({"user:a"}), may));
  EXPECT_FALSE(OnlyNarrows(may, List({"user:a"})));
  EXPECT_TRUE(OnlyNarrows(may, grant("2026-05-02", "2026-06-01")));
  EXPECT_FALSE(OnlyNarrows(may, grant("2026-05-01", "2026-06-02")));
  EXPECT_FALSE(OnlyNarrows(may, grant("2026-04-30", "2026-06-01")));
  EXPECT_FALSE(OnlyNarrows(may, {.allow = {For("user:b", "2026-05-01", "2026-06-01")}, .deny = {}}));
  const AccessList denied{.allow = {Principal("user:a")}, .deny = {For("user:a", "", "2026-06-01")}};
  EXPECT_FALSE(OnlyNarrows(List({"user:a"}, {"user:a"}), denied)) << "it ends";
  EXPECT_TRUE(OnlyNarrows(denied, List({"user:a"}, {"user:a"})));
}

TEST(AccessLists, AnIntersectionIsWhileBothLetIn) {
  const AccessList a{.allow = {Principal("group:g"), For("user:a", "", "2026-05-01"), For("user:a", "2026-07-01", "")},
                     .deny = {}};
  const AccessList b{.allow = {For("group:g", "2026-06-01", ""), For("user:a", "2026-04-01", "2026-08-01")},
                     .deny = {}};
  const AccessList both = Intersect(a, b);
  EXPECT_THAT(both.allow, ElementsAre(For("group:g", "2026-06-01", ""), For("user:a", "2026-04-01", "2026-05-01"),
                                      For("user:a", "2026-07-01", "2026-08-01")));
  EXPECT_TRUE(OnlyNarrows(a, both));
  EXPECT_TRUE(OnlyNarrows(b, both));
}

TEST(AccessLists, AnIntersectionNarrowsBoth) {
  const AccessList a = List({"group:a", "group:b"}, {"user:x"});
  const AccessList b = List({"group:b", "group:c"}, {"user:y"});
  const AccessList both = Intersect(a, b);
  EXPECT_EQ(both, List({"group:b"}, {"user:x", "user:y"}));
  EXPECT_TRUE(OnlyNarrows(a, both));
  EXPECT_TRUE(OnlyNarrows(b, both));
}

}  // namespace
}  // namespace freshet::folder
