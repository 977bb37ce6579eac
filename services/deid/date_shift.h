// Date shift: one date of a text moved by a number of days, written as it was written.
//
//   ShiftDate("March 31st, 2021", {.days = -40})           // "February 19th, 2021"
//   ShiftDate("2021-03-31T08:15", {.days = -40})           // "2021-02-19T08:15"
//   ShiftDate("Tue 3/31", {.days = -40, .year = 2021})     // "Thu 2/19"
//   DaysFor(keys, patient, false)                          // -1 to -364, the patient's own
//
// A patient's dates all move by the same number of days, so intervals survive to the day (of a month and year without a
// day: to the month). Days are negative: what has been stays in the past. Forms: numbers with '/', '-', '.' or spaces
// in the orders year-month-day, month-day-year and, where no month can be meant, day-month-year; YYYYMMDD with or
// without a time; month names in any case, with ordinals; weekdays; times of day stay. Nothing for what is none of
// these or no day of the calendar: the caller then puts a placeholder. Plain functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/crypto/keys.h"

namespace freshet::deid {

struct Shift {
  int days = 0;
  int year = 2001;  // of dates that do not say theirs
};

std::optional<std::string> ShiftDate(std::string_view date, const Shift& shift);

// The year that a date says, nothing where it says none or may be read in several ways.
std::optional<int> YearOfDate(std::string_view date);

// -1 to -364, or -7 to -364 in whole weeks: by the oldest surrogate key, so that it outlives rotation.
int DaysFor(const KeyRing& keys, std::string_view patient, bool whole_weeks);

}  // namespace freshet::deid
