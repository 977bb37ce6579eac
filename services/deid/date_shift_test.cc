#include "services/deid/date_shift.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <random>
#include <set>

#include "services/deid/dates.h"

namespace freshet::deid {
namespace {

std::string Shifted(std::string_view date, int days = -40, int year = 2021) {
  return ShiftDate(date, {.days = days, .year = year}).value_or("none");
}

TEST(DateShift, WritesAsWasWritten) {
  EXPECT_EQ(Shifted("3/31/2021"), "2/19/2021");
  EXPECT_EQ(Shifted("03/31/21"), "02/19/21");
  EXPECT_EQ(Shifted("31.03.2021"), "19.02.2021");
  EXPECT_EQ(Shifted("2021-03-31"), "2021-02-19");
  EXPECT_EQ(Shifted("2021-03-31T08:15:00Z"), "2021-02-19T08:15:00Z");
  EXPECT_EQ(Shifted("3/31/2021 8:15 AM"), "2/19/2021 8:15 AM");
  EXPECT_EQ(Shifted("20210331"), "20210219");
  EXPECT_EQ(Shifted("20210331081500"), "20210219081500");
  EXPECT_EQ(Shifted("March 31st, 2021"), "February 19th, 2021");
  EXPECT_EQ(Shifted("31 MAR 2021"), "19 FEB 2021");
  EXPECT_EQ(Shifted("31-Mar-21"), "19-Feb-21");
  EXPECT_EQ(Shifted("the 31st of march 2021"), "the 19th of february 2021");
  EXPECT_EQ(Shifted("Mar. 31, 2021 at 10:30"), "Feb. 19, 2021 at 10:30");
  EXPECT_EQ(Shifted("Wednesday, March 31, 2021"), "Friday, February 19, 2021");
}

TEST(DateShift, WhatIsNotSaidIsTakenFromTheDocument) {
  EXPECT_EQ(Shifted("3/31"), "2/19");
  EXPECT_EQ(Shifted("March 1", -1, 2020), "February 29");
  EXPECT_EQ(Shifted("March 1", -1, 2021), "February 28");
  EXPECT_EQ(Shifted("March 2021"), "February 2021");
  EXPECT_EQ(Shifted("03/2021"), "02/2021");
  EXPECT_EQ(Shifted("2021-01"), "2020-12");
  EXPECT_EQ(Shifted("Monday", -1), "Sunday");
  EXPECT_EQ(Shifted("mon", -2), "sat");
  EXPECT_EQ(Shifted("Monday", -14), "Monday");
}

TEST(DateShift, GivesUpRatherThanGuess) {
  for (const char* odd : {"", "soon", "2021", "13/13/2021", "2/30/2021", "99999999", "1/2/3/4", "Smarch 3", "March"}) {
    EXPECT_EQ(Shifted(odd), "none") << odd;
  }
}

// Any day, in any form, moved by any number of days: the interval between two dates stays what it was.
TEST(DateShift, KeepsIntervals) {
  std::mt19937 random(7);
  const auto day_of = [](std::string_view text, std::chrono::sys_days expected) {
    for (const CalendarDate& one : ReadDate(text)) {
      const std::chrono::year_month_day ymd{std::chrono::year(one.year), std::chrono::month(unsigned(one.month)),
                                            std::chrono::day(unsigned(one.day))};
      if (ymd.ok() && std::chrono::sys_days(ymd) == expected) return true;
    }
    return false;
  };
  const char* const forms[] = {"%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%Y%m%d", "%d-%b-%y"};
  for (int round = 0; round < 3000; ++round) {
    const std::time_t time = static_cast<std::time_t>(random() % 19000) * 86400;
    const int days = -static_cast<int>(random() % 700) - 1;
    char text[64];
    std::tm broken{};
    gmtime_r(&time, &broken);
    std::strftime(text, sizeof text, forms[random() % std::size(forms)], &broken);
    const auto shifted = ShiftDate(text, {.days = days});
    ASSERT_TRUE(shifted.has_value()) << text;
    const auto expected = std::chrono::sys_days(std::chrono::days(time / 86400 + days));
    if (text[2] == '-' && broken.tm_year + 1900 + days / 365 < 1942) continue;  // two-digit years turn over
    EXPECT_TRUE(day_of(*shifted, expected)) << text << " by " << days << " gave " << *shifted;
  }
}

TEST(DateShift, NeverBreaksOnAnyText) {
  std::mt19937 random(11);
  const std::string letters = "0123456789/-.: ,marchjunedecTZthst\xC3\xA9";
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (size_t i = random() % 24; i > 0; --i) text += letters[random() % letters.size()];
    const auto shifted = ShiftDate(text, {.days = -40});
    EXPECT_LT(shifted.value_or("").size(), text.size() + 16) << text;
  }
}

TEST(DateShift, EveryPatientHasDaysOfItsOwnInThePast) {
  const KeyRing keys = *KeyRing::Parse(KeyRing::NewKeyLine());
  std::set<int> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string patient = "p" + std::to_string(i);
    const int days = DaysFor(keys, patient, false), weeks = DaysFor(keys, patient, true);
    EXPECT_EQ(days, DaysFor(keys, patient, false));
    EXPECT_TRUE(days <= -1 && days >= -364) << days;
    EXPECT_TRUE(weeks <= -7 && weeks >= -364 && weeks % 7 == 0) << weeks;
    seen.insert(days);
  }
  EXPECT_GT(seen.size(), 350u);
  const KeyRing others = *KeyRing::Parse(KeyRing::NewKeyLine());
  int same = 0;
  for (int i = 0; i < 100; ++i)
    same += DaysFor(keys, std::to_string(i), false) == DaysFor(others, std::to_string(i), false);
  EXPECT_LT(same, 10);
}

TEST(DateShift, KnowsTheYear) {
  EXPECT_EQ(YearOfDate("3/31/2021"), 2021);
  EXPECT_EQ(YearOfDate("March 31, 1999"), 1999);
  EXPECT_EQ(YearOfDate("20210331"), 2021);
  EXPECT_EQ(YearOfDate("3/31"), std::nullopt);
  EXPECT_EQ(YearOfDate("Monday"), std::nullopt);
}

}  // namespace
}  // namespace freshet::deid
