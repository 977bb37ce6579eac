// Latest and Recent: what is known again, and what is forgotten.
#include "connectors/source/latest.h"

#include <gtest/gtest.h>

#include <random>

#include "connectors/source/recent.h"

namespace freshet {
namespace {

Hash128 Name(int number) { return HashOf(std::to_string(number)); }

TEST(Latest, AnOlderPositionIsToldFromANewerOne) {
  Latest latest(10);
  EXPECT_TRUE(latest.Advance(Name(1), 5));
  EXPECT_TRUE(latest.Advance(Name(1), 5)) << "the same once more";
  EXPECT_TRUE(latest.Advance(Name(2), 1));
  EXPECT_FALSE(latest.Advance(Name(1), 4));
  EXPECT_TRUE(latest.Advance(Name(1), 6));
  EXPECT_FALSE(latest.Advance(Name(1), 5)) << "what was refused moved nothing";
}

// Whatever the order of arrival: what passed last of a name is its newest.
TEST(Latest, WhatPassesLastIsTheNewest) {
  std::mt19937_64 random(3);
  Latest latest(100);
  std::map<int, uint64_t> newest, passed;
  for (int i = 0; i < 5000; ++i) {
    const int name = static_cast<int>(random() % 50);
    const uint64_t position = random() % 1000;
    newest[name] = std::max(newest[name], position);
    if (latest.Advance(Name(name), position)) passed[name] = position;
  }
  EXPECT_EQ(passed, newest);
}

TEST(Latest, IsBoundedAndForgetsTheOldest) {
  Latest latest(3);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(latest.Advance(Name(i), 9));
  EXPECT_TRUE(latest.Advance(Name(0), 1)) << "forgotten, so new";
  EXPECT_FALSE(latest.Advance(Name(3), 1));
}

TEST(Recent, KnowsTheLastOnes) {
  Recent recent(3);
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(recent.Contains(Name(i)));
    recent.Add(Name(i));
    recent.Add(Name(i));
  }
  EXPECT_FALSE(recent.Contains(Name(0)));
  for (int i = 1; i < 4; ++i) EXPECT_TRUE(recent.Contains(Name(i)));
}

}  // namespace
}  // namespace freshet
