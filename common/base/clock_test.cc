#include "common/base/clock.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace freshet {
namespace {

using namespace std::chrono_literals;

TEST(ManualClock, MovesOnlyByHand) {
  ManualClock clock(Time(5s));
  EXPECT_EQ(clock.Now(), Time(5s));
  clock.Advance(200ms);
  EXPECT_EQ(clock.Now(), Time(5200ms));
  clock.Set(Time(1s));
  EXPECT_EQ(clock.Now(), Time(1s));
}

TEST(ManualClock, MayBeMovedFromAnyThread) {
  ManualClock clock{Time()};
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) clock.Advance(1us);
  });
  for (int i = 0; i < 1000; ++i) clock.Advance(1us);
  other.join();
  EXPECT_EQ(clock.Now(), Time(2000us));
}

TEST(SystemClock, TellsTheTimeOfTheSystem) {
  const auto before = std::chrono::system_clock::now();
  const Time now = SystemClock().Now();
  EXPECT_GE(now + 1us, before);
  EXPECT_LE(now, std::chrono::system_clock::now());
}

TEST(Time, FormatsInUtcWithMilliseconds) {
  EXPECT_EQ(FormatTime(Time()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(Time(1769851800125ms)), "2026-01-31T09:30:00.125Z");
  EXPECT_EQ(FormatTime(Time(1769851800125999us)), "2026-01-31T09:30:00.125Z");
  EXPECT_EQ(FormatTime(Time(-1us)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatTime(Time(951782400s)), "2000-02-29T00:00:00.000Z");
}

TEST(Time, ReadsBackWhatItFormats) {
  std::mt19937_64 random(4);
  std::uniform_int_distribution<int64_t> millis(-62'135'596'800'000, 253'402'300'799'999);  // years 1 to 9999
  for (int i = 0; i < 10'000; ++i) {
    const Time time{std::chrono::milliseconds(millis(random))};
    const Result<Time> read = ParseTime(FormatTime(time));
    ASSERT_TRUE(read.ok()) << FormatTime(time);
    EXPECT_EQ(*read, time) << FormatTime(time);
  }
}

TEST(Time, ReadsTheFormsOfRfc3339) {
  const Time time(1769851800s);
  EXPECT_EQ(*ParseTime("2026-01-31T09:30:00Z"), time);
  EXPECT_EQ(*ParseTime("2026-01-31t09:30:00z"), time);
  EXPECT_EQ(*ParseTime("2026-01-31 09:30:00Z"), time);
  EXPECT_EQ(*ParseTime("2026-01-31T11:30:00+02:00"), time);
  EXPECT_EQ(*ParseTime("2026-01-31T04:00:00-05:30"), time);
  EXPECT_EQ(*ParseTime("2026-01-31T09:30:00.5Z"), time + 500ms);
  EXPECT_EQ(*ParseTime("2026-01-31T09:30:00.123456789Z"), time + 123456us);
  EXPECT_EQ(*ParseTime("2026-01-31"), Time(1769817600s));
}

TEST(Time, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2026",
                           "2026-1-31",
                           "2026-02-30",
                           "2026-13-01",
                           "2026-01-31T",
                           "2026-01-31T09:30",
                           "2026-01-31T09:30:00",
                           "2026-01-31T24:00:00Z",
                           "2026-01-31T09:60:00Z",
                           "2026-01-31T09:30:61Z",
                           "2026-01-31T09:30:00.Z",
                           "2026-01-31T09:30:00+2:00",
                           "2026-01-31T09:30:00+0200",
                           "2026-01-31T09:30:00+24:00",
                           "2026-01-31T09:30:00+02:60",
                           "2026-01-31T09:30:00Zx",
                           "2026-01-31x",
                           "-026-01-31",
                           "2026-01-31T-9:30:00Z",
                           "2026-01-31T09:30:00*02:00"}) {
    EXPECT_EQ(ParseTime(text).code(), Code::kInvalidArgument) << '"' << text << '"';
  }
}

TEST(Duration, ReadsNumbersWithUnits) {
  EXPECT_EQ(*ParseDuration("250ms"), 250ms);
  EXPECT_EQ(*ParseDuration("7us"), 7us);
  EXPECT_EQ(*ParseDuration("5s"), 5s);
  EXPECT_EQ(*ParseDuration("5m"), 5min);
  EXPECT_EQ(*ParseDuration("24h"), 24h);
  EXPECT_EQ(*ParseDuration("30d"), 720h);
  EXPECT_EQ(*ParseDuration("0s"), 0s);
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5S", "1.5s", "5min", "9223372036854775807d", "5sx", " 5s"}) {
    EXPECT_EQ(ParseDuration(text).code(), Code::kInvalidArgument) << '"' << text << '"';
  }
}

TEST(Duration, FormatsInTheLargestUnitThatFits) {
  EXPECT_EQ(FormatDuration(0s), "0s");
  EXPECT_EQ(FormatDuration(90s), "90s");
  EXPECT_EQ(FormatDuration(48h), "2d");
  EXPECT_EQ(FormatDuration(1500ms), "1500ms");
  std::mt19937_64 random(5);
  for (int i = 0; i < 10'000; ++i) {
    const Duration duration(static_cast<int64_t>(random() >> (1 + random() % 60)));
    EXPECT_EQ(*ParseDuration(FormatDuration(duration)), duration);
  }
}

}  // namespace
}  // namespace freshet
