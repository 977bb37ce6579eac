// Dates in all written forms: where one begins and ends, and which days it may mean.
//
//   std::optional<Range> range = MatchNumericDate("DOB 03/04/1961.", 4);         // {4, 14}
//   range = MatchMonthDate("seen 5th of May, 2021", {12, 15});                    // {5, 21}: the month's word is known
//   std::vector<CalendarDate> days = ReadDate("03/04/1961");                      // 4 March, and 3 April
//
// Places are bytes of folded text (text.h). A time of day that follows a date belongs to it. Plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "services/deid/text.h"

namespace freshet::deid {

struct CalendarDate {
  int year = 0;  // 0: not said
  int month = 0;
  int day = 0;  // 0: not said
  auto operator<=>(const CalendarDate&) const = default;
};

// Day, month and year as numbers with '/', '-' or '.', in any order that a calendar allows; `begin` is its first digit.
std::optional<Range> MatchNumericDate(std::string_view text, uint32_t begin);

// "3/14" or "14.3.": too much else looks like it to be believed without context.
std::optional<Range> MatchDayAndMonth(std::string_view text, uint32_t begin);

// "03/2021" or "2021-03".
std::optional<Range> MatchMonthAndYear(std::string_view text, uint32_t begin);

// A month's name with a day, a year or both around it; nothing for the month alone.
std::optional<Range> MatchMonthDate(std::string_view text, Range month);

// 1 to 12 for an English month's name or its abbreviation, any case; else 0.
int MonthOf(std::string_view word);

// All days that a text which holds just a date may mean; two-digit years as 19xx and 20xx.
std::vector<CalendarDate> ReadDate(std::string_view date);

bool IsCalendarDate(int year, int month, int day);

}  // namespace freshet::deid
