// RateLimit under a hand-moved clock.
#include "connectors/rate_limit.h"

#include <gtest/gtest.h>

#include <random>

namespace freshet {
namespace {

using namespace std::chrono_literals;

constexpr Time kBegin = FromMicros(1'700'000'000'000'000);

TEST(RateLimitTest, NoRateIsNoLimit) {
  RateLimit limit({});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limit.Take({.documents = 1u << 20, .bytes = 1u << 30}, kBegin), 0s);
}

TEST(RateLimitTest, ASecondsWorthPassesAtOnceTheRestWaits) {
  RateLimit limit({.documents_per_second = 10});
  EXPECT_EQ(limit.Take({.documents = 10}, kBegin), 0s);
  EXPECT_EQ(limit.Take({.documents = 5}, kBegin), 500ms);
  EXPECT_EQ(limit.Take({.documents = 5}, kBegin + 500ms), 500ms) << "who waited as told is even again";
  EXPECT_EQ(limit.Take({}, kBegin + 1s), 0s);
  EXPECT_EQ(limit.Take({.documents = 10}, kBegin + 1h), 0s);
  EXPECT_EQ(limit.Take({.documents = 1}, kBegin + 1h), 100ms)
      << "an hour's rest saves up no more than a second's worth";
}

TEST(RateLimitTest, TheLongerOfTheTwoWaitsCounts) {
  RateLimit limit({.documents_per_second = 10, .bytes_per_second = ByteSize{1000}});
  EXPECT_EQ(limit.Take({.documents = 1, .bytes = 3000}, kBegin), 2s);
  EXPECT_EQ(limit.Take({.documents = 29}, kBegin), 2s);
  EXPECT_EQ(limit.Take({.documents = 1}, kBegin), 2100ms);
}

TEST(RateLimitTest, AClockSetBackRefillsNothingAndLosesNothing) {
  RateLimit limit({.documents_per_second = 10});
  EXPECT_EQ(limit.Take({.documents = 20}, kBegin), 1s);
  EXPECT_EQ(limit.Take({}, kBegin - 1h), 1s);
  EXPECT_EQ(limit.Take({}, kBegin - 1h + 1s), 0s) << "from there on it runs as before";
}

// Whatever comes, in whatever portions: over any time from the begin no more went than the time's worth and a second's.
TEST(RateLimitTest, OverAnyTimeTheRateHolds) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    const uint64_t rate = 1 + random() % 1000;
    RateLimit limit({.documents_per_second = rate});
    Time now = kBegin;
    uint64_t gone = 0;
    for (int i = 0; i < 200; ++i) {
      now += std::chrono::microseconds(random() % 100'000);
      const uint64_t documents = random() % (3 * rate);
      now += limit.Take({.documents = documents}, now);
      gone += documents;
      const double seconds = std::chrono::duration<double>(now - kBegin).count();
      ASSERT_LE(static_cast<double>(gone), static_cast<double>(rate) * (seconds + 1) + 1) << "seed " << seed;
    }
    const double seconds = std::chrono::duration<double>(now - kBegin).count();
    EXPECT_GE(static_cast<double>(gone), static_cast<double>(rate) * seconds * 0.9) << "it is no slower than it says";
  }
}

}  // namespace
}  // namespace freshet
