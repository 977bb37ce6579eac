#include "connectors/postgres/history.h"

#include <gtest/gtest.h>

namespace freshet::postgres {
namespace {

Time At(int64_t micros) { return FromMicros(micros); }

TEST(EndOfTimeline, IsWhereItWasLeft) {
  constexpr std::string_view kFile =
      "# written by hand\n1\t0/5000000\tno recovery target specified\n\n2\t16/B374D848\tbefore 2026-01-01\n12\tx\ty\n3";
  EXPECT_EQ(EndOfTimeline(kFile, 1), 0x5000000u);
  EXPECT_EQ(EndOfTimeline(kFile, 2), 0x16B374D848u);
  EXPECT_EQ(EndOfTimeline(kFile, 3), std::nullopt) << "cut off";
  EXPECT_EQ(EndOfTimeline(kFile, 12), std::nullopt);
  EXPECT_EQ(EndOfTimeline(kFile, 4), std::nullopt);
  EXPECT_EQ(EndOfTimeline("", 1), std::nullopt);
}

struct Case {
  const char* what;
  uint64_t told_from;
  std::vector<Landmark> told;  // before 100
  bool holds;
};

// The landmark stands at 60, everything before 100 had been taken.
TEST(HistoryProof, HoldsWhereTheSameCommitsComeAgain) {
  const Landmark mark{60, At(7)};
  const std::vector<Case> cases = {
      {"all of it again", 10, {{20, At(1)}, mark}, true},
      {"the landmark alone", 60, {mark}, true},
      {"confirmed behind the landmark, quiet since", 65, {}, true},
      {"the landmark is gone", 10, {{20, At(1)}}, false},
      {"nothing is there", 10, {}, false},
      {"another commit at its place", 10, {{60, At(8)}}, false},
      {"one behind it", 10, {mark, {80, At(9)}}, false},
      {"one where none was", 65, {{80, At(9)}}, false},
  };
  for (const Case& one : cases) {
    HistoryProof proof({.told_from = one.told_from, .done = 100, .landmark = mark});
    EXPECT_FALSE(proof.proven()) << one.what;
    for (const Landmark& commit : one.told) {
      EXPECT_TRUE(proof.IsToldAgain(commit.lsn));
      proof.Add(commit);
    }
    EXPECT_EQ(proof.Prove().ok(), one.holds) << one.what;
    EXPECT_EQ(proof.proven(), one.holds) << one.what;
    EXPECT_EQ(proof.refuted(), !one.holds) << one.what;
    EXPECT_EQ(proof.landmark(), mark) << "what is told again moves nothing";
  }
}

// A slot that was made at 60: before its first commit of ours there is none, and no older slot has been told more.
TEST(HistoryProof, HoldsBeforeTheFirstCommitIsKnown) {
  const Landmark none{59, {}};
  const auto proof = [&](uint64_t told_from) {
    return HistoryProof({.told_from = told_from, .done = 100, .landmark = none});
  };
  HistoryProof quiet = proof(60);
  EXPECT_FALSE(quiet.proven());
  EXPECT_TRUE(quiet.Prove().ok());
  EXPECT_EQ(quiet.landmark(), none);
  HistoryProof another = proof(60);
  another.Add({80, At(9)});
  EXPECT_FALSE(another.Prove().ok());
  HistoryProof older = proof(40);
  EXPECT_FALSE(older.Prove().ok()) << "a copy from before the slot: begun anew, also where it was quiet";
}

TEST(HistoryProof, TheLandmarkFollowsWhatIsNew) {
  HistoryProof proof({.told_from = 65, .done = 100, .landmark = {60, At(7)}});
  ASSERT_TRUE(proof.Prove().ok());
  proof.Add({100, At(8)});
  EXPECT_EQ(proof.landmark(), (Landmark{100, At(8)}));
  EXPECT_TRUE(proof.Prove().ok());
}

TEST(HistoryProof, AsksForNothingWhereNothingIsToldAgain) {
  EXPECT_TRUE(HistoryProof({.told_from = 0, .done = 100, .landmark = {60, At(7)}}).proven());
  EXPECT_TRUE(HistoryProof({.told_from = 100, .done = 100, .landmark = {60, At(7)}}).proven());
  EXPECT_TRUE(HistoryProof({.told_from = 10, .done = 100, .landmark = {}}).proven()) << "of a position without one";
}

}  // namespace
}  // namespace freshet::postgres
