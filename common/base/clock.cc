#include "common/base/clock.h"

#include <charconv>
#include <cstdio>
#include <utility>

namespace freshet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads exactly `count` digits at `at`; false where there are not as many.
bool ReadDigits(std::string_view text, size_t at, size_t count, int& out) {
  if (at + count > text.size()) return false;
  const char* const begin = text.data() + at;
  const auto [next, error] = std::from_chars(begin, begin + count, out);
  return error == std::errc() && next == begin + count && *begin != '-';
}

Status NotATime() { return Status(Code::kInvalidArgument, "a time is RFC 3339, as 2026-01-31T09:30:00Z"); }

constexpr std::pair<std::string_view, int64_t> kUnits[] = {
    {"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}};

// What follows the seconds: [.fraction](Z|±hh:mm). Adds it to `time`.
bool ReadTail(std::string_view tail, Time& time) {
  size_t at = 0;
  if (at < tail.size() && tail[at] == '.') {
    int64_t unit = 100'000;
    const size_t first = ++at;
    for (; at < tail.size() && tail[at] >= '0' && tail[at] <= '9'; ++at, unit /= 10) {
      time += Duration((tail[at] - '0') * unit);
    }
    if (at == first) return false;
  }
  if (at < tail.size() && (tail[at] == 'Z' || tail[at] == 'z')) return at + 1 == tail.size();
  int hour = 0, minute = 0;
  if (at + 6 != tail.size() || tail[at + 3] != ':' || !ReadDigits(tail, at + 1, 2, hour) ||
      !ReadDigits(tail, at + 4, 2, minute) || hour > 23 || minute > 59) {
    return false;
  }
  if (tail[at] != '+' && tail[at] != '-') return false;
  const Duration offset = hours(hour) + minutes(minute);
  time += tail[at] == '+' ? -offset : offset;
  return true;
}

}  // namespace

Time SystemClock::Now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

std::string FormatTime(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()), unsigned(date.month()),
                unsigned(date.day()), int(clock.hours().count()), int(clock.minutes().count()),
                int(clock.seconds().count()), int(clock.subseconds().count()));
  return buffer;
}

Result<Time> ParseTime(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !ReadDigits(text, 0, 4, year) ||
      !ReadDigits(text, 5, 2, month) || !ReadDigits(text, 8, 2, day)) {
    return NotATime();
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (!date.ok()) return NotATime();
  Time time = std::chrono::sys_days(date);
  if (text.size() == 10) return time;
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':' || !ReadDigits(text, 11, 2, hour) || !ReadDigits(text, 14, 2, minute) ||
      !ReadDigits(text, 17, 2, second) || hour > 23 || minute > 59 || second > 60) {
    return NotATime();
  }
  time += hours(hour) + minutes(minute) + seconds(second);
  if (!ReadTail(text.substr(19), time)) return NotATime();
  return time;
}

Result<Duration> ParseDuration(std::string_view text) {
  int64_t number = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(next, text.data() + text.size() - next);
  if (error == std::errc() && number >= 0) {
    for (const auto& [name, micros] : kUnits) {
      if (unit == name && number <= INT64_MAX / micros) return Duration(number * micros);
    }
  }
  return Status(Code::kInvalidArgument, "a duration is a whole number and a unit: 250ms, 5s, 5m, 24h, 30d");
}

std::string FormatDuration(Duration duration) {
  for (const auto& [name, micros] : kUnits) {
    if (duration.count() % micros == 0 && duration.count() != 0) {
      return std::to_string(duration.count() / micros) + std::string(name);
    }
  }
  return "0s";
}

}  // namespace freshet
