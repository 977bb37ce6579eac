// From what the index holds back to what the source said: over versions, runs, policies, deletes and lost maps; through
// the real stages.
#include "services/runtime/citations.h"

#include "common/base/utf8.h"
#include "services/runtime/deid_worker.h"
#include "services/runtime/quarantine_test_site.h"

namespace freshet {
namespace {

using testing::QuarantineSite;

constexpr const char* kNote =
    "Caf\u00e9 na\u00efve, seen by Dr. Okonkwo.\n\nMRN 4711838 was seen on 03/04/2021 by the ward team.";

class CitationsTest : public ::testing::Test {
 protected:
  Result<Citations::Cited> Resolve(std::string_view document, deid::Place range) {
    const auto indexed = site_.Indexed(document);
    if (!indexed) return Status(Code::kUnavailable, "not indexed");
    return ResolveAs(*indexed, range);
  }
  Result<Citations::Cited> ResolveAs(const std::pair<Origin, CleanDocument>& indexed, deid::Place range) {
    return site_.runtime().citations()->Resolve({indexed.first, indexed.second, range, Citations::Words::kShown});
  }
  // What the original says for all of the document's clean text.
  std::string Whole(std::string_view document) {
    const auto cited = Resolve(document, {0, CountCodePoints(site_.TextOf(document))});
    if (!cited.ok()) return std::string(NameOf(cited.code()));
    std::string words;
    for (const std::string& one : cited->words) words += one;
    return words;
  }
  std::string Replaced(std::string_view document) {
    const auto cited = Resolve(document, {0, CountCodePoints(site_.TextOf(document))});
    if (!cited.ok()) return std::string(NameOf(cited.code()));
    std::string out;
    for (size_t i = 0; i < cited->pieces.size(); ++i) {
      if (!cited->pieces[i].label.empty()) out += cited->pieces[i].label + "=" + cited->words[i] + "; ";
    }
    return out;
  }
  // What power loss would do, or a document from before there were maps: the map that is kept is of no use.
  void LoseMap(std::string_view document) {
    auto* const worker = dynamic_cast<DeidWorker*>(site_.runtime().workers().front().worker);
    ASSERT_NE(worker, nullptr);
    deid::MappedDocument other{site_.Indexed(document)->first, deid::OffsetMap::Of("other", "other", {})};
    other.origin.revision.deid_run = ~uint64_t{0};
    ASSERT_TRUE(worker->originals()->KeepMaps({&other, 1}).ok());
  }

  QuarantineSite site_{*deid::DefaultPolicy()};
};

TEST_F(CitationsTest, TheWholeTextIsTheWholeOriginal) {
  site_.Put("a", 1, kNote);
  site_.Drain();
  ASSERT_EQ(site_.TextOf("a"),
            "Caf\u00e9 na\u00efve, seen by Dr. [NAME].\n\nMRN [MRN] was seen on [DATE] by the ward team.");
  EXPECT_EQ(Whole("a"), kNote);
  EXPECT_EQ(Replaced("a"), "NAME=Okonkwo; MRN=4711838; DATE=03/04/2021; ");
  site_.Restart();
  EXPECT_EQ(Replaced("a"), "NAME=Okonkwo; MRN=4711838; DATE=03/04/2021; ");
}

TEST_F(CitationsTest, APlaceIsCountedInCharacters) {
  site_.Put("a", 1, kNote);
  site_.Drain();
  const auto cited = Resolve("a", {5, 25});  // behind a letter of two bytes, over another one, into the name
  ASSERT_TRUE(cited.ok()) << cited.status().ToString();
  EXPECT_EQ(cited->media_type, "text/plain");
  ASSERT_EQ(cited->words.size(), 2u);
  EXPECT_EQ(cited->words[0], "na\u00efve, seen by Dr. ");
  EXPECT_EQ(cited->words[1], "Okonkwo");
  EXPECT_EQ(cited->pieces[1].source, (deid::Place{24, 31}));
  const auto indexed = site_.Indexed("a");
  const auto hidden = site_.runtime().citations()->Resolve({indexed->first, indexed->second, {5, 25}});
  ASSERT_TRUE(hidden.ok());
  EXPECT_EQ(hidden->pieces, cited->pieces);
  EXPECT_TRUE(hidden->words.empty());
  const size_t size = CountCodePoints(site_.TextOf("a"));
  EXPECT_EQ(Resolve("a", {4, 4}).code(), Code::kInvalidArgument);
  EXPECT_EQ(Resolve("a", {4, size + 1}).code(), Code::kInvalidArgument);
  EXPECT_TRUE(Resolve("a", {size - 1, size}).ok());
}

TEST_F(CitationsTest, AnOlderVersionIsNotResolvedByANewerOriginal) {
  site_.Put("a", 1, kNote);
  site_.Drain();
  const auto old = site_.Indexed("a");
  site_.Put("a", 2, "Dr. Banerjee came.");
  site_.Drain();
  EXPECT_EQ(Replaced("a"), "NAME=Banerjee; ");
  EXPECT_EQ(ResolveAs(*old, {0, 5}).code(), Code::kNotFound);
}

TEST_F(CitationsTest, ADeleteTakesItAll) {
  site_.Put("a", 1, kNote);
  site_.Drain();
  const auto indexed = site_.Indexed("a");
  site_.Publish("a", 2, Delete{});
  site_.Drain();
  EXPECT_EQ(ResolveAs(*indexed, {0, 5}).code(), Code::kNotFound);
}

TEST_F(CitationsTest, AnotherPolicysRunHasItsOwnMap) {
  site_.Put("a", 1, kNote);
  site_.Drain();
  deid::Policy dates_stay = *deid::DefaultPolicy();
  dates_stay.version = 2;
  dates_stay.rules[static_cast<size_t>(deid::IdentifierType::kDate)].action = deid::Action::kKeep;
  site_.Restart(dates_stay);
  site_.Drain();
  ASSERT_NE(site_.TextOf("a").find("03/04/2021"), std::string::npos) << site_.TextOf("a");
  EXPECT_EQ(Replaced("a"), "NAME=Okonkwo; MRN=4711838; ");
  EXPECT_EQ(Whole("a"), kNote);
}

TEST_F(CitationsTest, ALostMapIsMadeAgain) {
  site_.Put("a", 1, kNote);
  site_.Drain();
  LoseMap("a");
  EXPECT_EQ(Replaced("a"), "NAME=Okonkwo; MRN=4711838; DATE=03/04/2021; ");
}

TEST_F(CitationsTest, WhereAnotherTextWouldComeOutNothingIsGuessed) {
  site_.Put("a", 1, kNote);
  site_.Drain();
  const auto indexed = site_.Indexed("a");
  deid::Policy dates_stay = *deid::DefaultPolicy();
  dates_stay.rules[static_cast<size_t>(deid::IdentifierType::kDate)].action = deid::Action::kKeep;
  site_.Restart(dates_stay);
  EXPECT_TRUE(ResolveAs(*indexed, {0, 5}).ok()) << "the kept map is of the text that was made then";
  LoseMap("a");
  EXPECT_EQ(ResolveAs(*indexed, {0, 5}).code(), Code::kNotFound);
}

TEST_F(CitationsTest, WhatAPolicyLeavesAsItIsHasNoOriginalHere) {
  site_.Restart(**deid::FindPolicy("none"));
  site_.Put("a", 1, kNote);
  site_.Drain();
  ASSERT_EQ(site_.TextOf("a"), kNote);
  EXPECT_EQ(Whole("a"), "not_found");
}

}  // namespace
}  // namespace freshet
