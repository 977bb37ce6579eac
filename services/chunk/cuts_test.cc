#include "services/chunk/cuts.h"

#include <gtest/gtest.h>

#include <random>

namespace freshet::chunk {
namespace {

using Starts = std::vector<uint32_t>;
constexpr CutLimits kLimits = {.room = 100, .spacing = 30};

// Units of ten tokens with these strengths.
std::vector<Unit> Units(const std::vector<uint64_t>& ranks, uint32_t tokens = 10) {
  std::vector<Unit> units;
  for (const uint64_t rank : ranks) units.push_back({.tokens = tokens, .strength = {.rank = rank, .tie = 0}});
  return units;
}

Starts Cut(const std::vector<Unit>& units, const CutLimits& limits = kLimits) {
  Cutter cutter;
  const auto starts = cutter.Cut(units, limits);
  return {starts.begin(), starts.end()};
}

uint32_t TokensIn(const std::vector<Unit>& units, size_t begin, size_t end) {
  uint32_t tokens = 0;
  for (size_t i = begin; i < end; ++i) tokens += units[i].tokens;
  return tokens;
}

TEST(CutterTest, NothingIsCutIntoNothing) { EXPECT_EQ(Cut({}), Starts{}); }

TEST(CutterTest, WhatFitsStaysWholeHoweverStrongItsUnits) {
  EXPECT_EQ(Cut(Units({9, 1, 9, 9, 9, 0, 9, 9, 9, 9})), Starts{0});
}

TEST(CutterTest, AUnitThatIsStrongestAroundItBeginsAChunk) {
  //                     0  1  2  3  4  5  6  7  8  9  10
  EXPECT_EQ(Cut(Units({9, 9, 9, 9, 9, 1, 9, 9, 9, 9, 9})), (Starts{0, 5}));
}

TEST(CutterTest, AStrongUnitNearerThanTheSpacingToAStrongerOneBeginsNone) {
  EXPECT_EQ(Cut(Units({9, 9, 9, 9, 2, 9, 1, 9, 9, 9, 9})), (Starts{0, 6}));
  EXPECT_EQ(Cut(Units({9, 9, 9, 2, 9, 9, 1, 9, 9, 9, 9})), (Starts{0, 3, 6}));
}

TEST(CutterTest, NoChunkIsACrumbAtTheEndsOfASection) {
  EXPECT_EQ(Cut(Units({9, 1, 9, 9, 9, 5, 9, 9, 9, 9, 1})), (Starts{0, 5}));
}

TEST(CutterTest, ALongRunOfEqualUnitsIsCutAsLateAsFits) {
  EXPECT_EQ(Cut(Units(std::vector<uint64_t>(25, 7))), (Starts{0, 10, 20}));
  EXPECT_EQ(Cut(Units(std::vector<uint64_t>(35, 7))), (Starts{0, 10, 20, 30}));
}

TEST(CutterTest, UnitsThatFillAChunkEachStandAlone) { EXPECT_EQ(Cut(Units({3, 2, 1, 0}, 100)), (Starts{0, 1, 2, 3})); }

std::vector<Unit> RandomUnits(size_t count, uint32_t most, std::mt19937& random) {
  std::vector<Unit> units;
  for (size_t i = 0; i < count; ++i) {
    units.push_back(
        {.tokens = static_cast<uint32_t>(random() % (most + 1)), .strength = {.rank = random() % 50, .tie = random()}});
  }
  return units;
}

TEST(CutterTest, ChunksAscendFromZeroAndNeverExceedTheRoom) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    const auto units = RandomUnits(1 + random() % 80, 1 + random() % 100, random);
    Starts starts = Cut(units);
    ASSERT_EQ(starts.front(), 0u);
    starts.push_back(static_cast<uint32_t>(units.size()));
    for (size_t i = 0; i + 1 < starts.size(); ++i) {
      ASSERT_LT(starts[i], starts[i + 1]);
      ASSERT_LE(TokensIn(units, starts[i], starts[i + 1]), kLimits.room);
    }
  }
}

// What makes cuts edit-stable: behind the next cut of the first kind, all is as it was.
TEST(CutterTest, CutsFarFromAChangeStay) {
  std::mt19937 random(6);
  for (int round = 0; round < 500; ++round) {
    auto units = RandomUnits(400, 12, random);
    const Starts before = Cut(units);
    units[200].strength.rank = random() % 50;
    units[200].tokens = random() % 13;
    const Starts after = Cut(units);
    const auto far = [](const Starts& starts) {
      Starts out;
      for (const uint32_t start : starts) {
        if (start < 130 || start > 270) out.push_back(start);
      }
      return out;
    };
    ASSERT_EQ(far(before), far(after));
  }
}

TEST(CutterTest, AMillionUnitsInAnyOrderTakeLinearTime) {
  for (const int kind : {0, 1, 2}) {
    std::vector<uint64_t> ranks(1'000'000);
    for (size_t i = 0; i < ranks.size(); ++i) ranks[i] = kind == 0 ? 7 : kind == 1 ? i : ranks.size() - i;
    EXPECT_GT(Cut(Units(ranks, 1)).size(), 1'000'000u / kLimits.room - 1);
  }
}

}  // namespace
}  // namespace freshet::chunk
