#include "common/stage/retry.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesWithJitterUpToItsLimit) {
  Backoff backoff({.first = 10ms, .longest = 80ms}, 7);
  for (const Duration limit : {Duration(10ms), Duration(20ms), Duration(40ms), Duration(80ms), Duration(80ms)}) {
    const Duration next = backoff.Next();
    EXPECT_GE(next, limit / 2);
    EXPECT_LE(next, limit);
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next(), 10ms);
}

TEST(Backoff, DiffersBetweenSeeds) {
  Backoff one({.first = 1s, .longest = 60s}, 1), two({.first = 1s, .longest = 60s}, 2);
  EXPECT_NE(one.Next(), two.Next());
}

TEST(CircuitBreaker, OpensAfterRoundsWithoutSuccessAndClosesAtOne) {
  CircuitBreaker breaker(3);
  breaker.OnRound(false);
  breaker.OnRound(false);
  EXPECT_FALSE(breaker.open());
  breaker.OnRound(false);
  EXPECT_TRUE(breaker.open());
  breaker.OnRound(true);
  EXPECT_FALSE(breaker.open());
}

}  // namespace
}  // namespace freshet
