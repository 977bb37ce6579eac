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
  for (int i = 0; i < 100; ++i) limit.Take({.documents = 1u << 20, .bytes = 1u << 30}, kBegin);
  EXPECT_EQ(limit.Wait(kBegin), 0s);
}

TEST(RateLimitTest, ASecondsWorthPassesAtOnceTheRestIsOwed) {
  RateLimit limit({.documents_per_second = 10});
  limit.Take({.documents = 10}, kBegin);
  EXPECT_EQ(limit.Wait(kBegin), 0s);
  limit.Take({.documents = 5}, kBegin);
  EXPECT_EQ(limit.Wait(kBegin), 500ms);
  EXPECT_EQ(limit.Wait(kBegin + 200ms), 300ms);
  EXPECT_EQ(limit.Wait(kBegin + 500ms), 0s) << "who waited as told is even again";
  limit.Take({.documents = 1}, kBegin + 500ms);
  EXPECT_EQ(limit.Wait(kBegin + 500ms), 100ms);
  limit.Take({.documents = 11}, kBegin + 1h);
  EXPECT_EQ(limit.Wait(kBegin + 1h), 100ms) << "an hour's rest saves up no more than a second's worth";
}

TEST(RateLimitTest, TheLongerOfTheTwoWaitsCounts) {
  RateLimit limit({.documents_per_second = 10, .bytes_per_second = ByteSize{1000}});
  limit.Take({.documents = 1, .bytes = 3000}, kBegin);
  EXPECT_EQ(limit.Wait(kBegin), 2s);
  limit.Take({.documents = 29}, kBegin);
  EXPECT_EQ(limit.Wait(kBegin), 2s);
  limit.Take({.documents = 1}, kBegin);
  EXPECT_EQ(limit.Wait(kBegin), 2100ms);
}

TEST(RateLimitTest, AClockSetBackRefillsNothingAndLosesNothing) {
  RateLimit limit({.documents_per_second = 10});
  limit.Take({.documents = 20}, kBegin);
  EXPECT_EQ(limit.Wait(kBegin - 1h), 1s);
  limit.Take({.documents = 1}, kBegin - 1h);
  EXPECT_EQ(limit.Wait(kBegin - 1h), 1100ms);
  EXPECT_EQ(limit.Wait(kBegin - 1h + 1100ms), 0s) << "from there on it runs as before";
}

// Whatever comes, in whatever portions: by any time no more went than the time's worth, a second's, and one portion.
TEST(RateLimitTest, OverAnyTimeTheRateHolds) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    const uint64_t rate = 1 + random() % 1000;
    RateLimit limit({.documents_per_second = rate});
    Time now = kBegin;
    uint64_t before = 0, gone = 0;
    for (int i = 0; i < 200; ++i) {
      now += std::chrono::microseconds(random() % 100'000);
      now += limit.Wait(now);
      const uint64_t documents = random() % (3 * rate);
      limit.Take({.documents = documents}, now);
      before = std::exchange(gone, gone + documents);
      const double seconds = std::chrono::duration<double>(now - kBegin).count();
      ASSERT_LE(static_cast<double>(before), static_cast<double>(rate) * (seconds + 1) + 1) << "seed " << seed;
    }
    const double seconds = std::chrono::duration<double>(now - kBegin).count();
    EXPECT_GE(static_cast<double>(gone), static_cast<double>(rate) * seconds * 0.9) << "it is no slower than it says";
  }
}

}  // namespace
}  // namespace freshet
