// What is left where, and what follows from it.
#include "services/repair/places.h"

#include <gtest/gtest.h>

#include <random>

namespace freshet::repair {
namespace {

TEST(Places, WhereNothingIsLeftItIsGoneAndNothingIsWaitedFor) {
  Places places;
  EXPECT_TRUE(places.gone()) << "nowhere to be left";
  places.Add("log/changes.live", 0, FromMicros(5));
  places.Add("index", 0);
  EXPECT_TRUE(places.gone());
  EXPECT_EQ(places.gone_by(), std::nullopt);
  EXPECT_EQ(places.rows()[0].gone_by, std::nullopt) << "nothing is there that retention could take";
}

TEST(Places, TheLastToBeTakenSaysWhen) {
  Places places;
  places.Add("log/changes.live", 1, FromMicros(5));
  places.Add("log/clean.live", 3, FromMicros(9));
  places.Add("log/chunks.live", 1, FromMicros(7));
  places.Add("index", 0);
  EXPECT_FALSE(places.gone());
  EXPECT_EQ(places.gone_by(), FromMicros(9));
}

TEST(Places, WhatNothingTakesByItselfIsNeverGone) {
  Places places;
  places.Add("originals", 1);
  EXPECT_EQ(places.gone_by(), std::nullopt);
  places.Add("log/changes.live", 1, FromMicros(5));
  EXPECT_FALSE(places.gone());
  EXPECT_EQ(places.gone_by(), std::nullopt) << "retention takes the record, not the original";
}

TEST(Places, WhatWasNotLookedAtIsSaidAndCountsForNothing) {
  Places places;
  places.NotExamined("vector-cache", "no names");
  EXPECT_TRUE(places.gone());
  ASSERT_EQ(places.unseen().size(), 1u);
  EXPECT_EQ(places.unseen()[0].place, "vector-cache");
  EXPECT_TRUE(places.rows().empty());
}

// Whatever the order: a promise of "gone by" holds for each place, and is made only where each makes it.
TEST(Places, ThePromiseHoldsForEachPlace) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    Places places;
    for (uint32_t i = random() % 6; i > 0; --i) {
      const std::optional<Time> by = random() % 3 == 0 ? std::nullopt : std::optional(FromMicros(random() % 100));
      places.Add("p", random() % 3, by);
    }
    bool left = false, stays = false;
    for (const Places::Row& row : places.rows()) {
      left = left || row.left > 0;
      stays = stays || (row.left > 0 && !row.gone_by);
      if (row.left == 0 || !places.gone_by()) continue;
      EXPECT_LE(*row.gone_by, *places.gone_by());
    }
    EXPECT_EQ(places.gone(), !left);
    EXPECT_EQ(places.gone_by().has_value(), left && !stays);
  }
}

}  // namespace
}  // namespace freshet::repair
