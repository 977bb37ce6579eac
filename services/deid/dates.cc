#include "services/deid/dates.h"

#include <array>

#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

constexpr int kFirstYear = 1850;
constexpr int kLastYear = 2099;

bool IsYear(int number) { return number >= kFirstYear && number <= kLastYear; }
bool IsMonth(int number) { return number >= 1 && number <= 12; }
bool IsDay(int number) { return number >= 1 && number <= 31; }
bool IsSeparator(char c) { return c == '/' || c == '-' || c == '.'; }

// Day and month, whichever comes first.
bool IsDayMonth(int a, int b) { return (IsMonth(a) && IsDay(b)) || (IsDay(a) && IsMonth(b)); }

bool BeginsNumber(std::string_view text, uint32_t begin) {
  if (begin == 0) return true;
  const char before = text[begin - 1];
  if (IsWord(before)) return false;
  return !(begin > 1 && IsSeparator(before) && IsDigit(text[begin - 2]));
}

bool EndsNumber(std::string_view text, size_t end) {
  if (end >= text.size()) return true;
  if (IsWord(text[end]) || text[end] == '%') return false;
  return !(end + 1 < text.size() && IsSeparator(text[end]) && IsDigit(text[end + 1]));
}

// "T04:34:22.5Z", " at 4:34 pm", " 0434 hrs" is not one.
size_t SkipTime(std::string_view text, size_t at) {
  Scanner scan(text, at);
  if (!scan.Take('T') && !scan.Take('t')) {
    scan.Take(',');
    scan.SkipSpaces();
    if (scan.TakeWord("at") || scan.TakeWord("@")) scan.SkipSpaces();
  }
  const Number hour = scan.TakeNumber();
  if (hour.digits == 0 || hour.digits > 2 || hour.value > 24 || !scan.Take(':')) return at;
  const Number minute = scan.TakeNumber();
  if (minute.digits != 2 || minute.value > 59) return at;
  if (scan.Peek() == ':' && IsDigit(scan.Peek(1))) {
    scan.Take(':');
    scan.TakeNumber();
    if (scan.Peek() == '.' && IsDigit(scan.Peek(1))) {
      scan.Take('.');
      scan.TakeNumber();
    }
  }
  size_t end = scan.at();
  scan.SkipSpaces();
  for (const std::string_view half : {"a.m.", "p.m.", "am", "pm"}) {
    if (scan.TakeWord(half)) end = scan.at();
  }
  if (end < text.size() && text[end] == 'Z') return end + 1;
  Scanner zone(text, end);
  if ((zone.Take('+') || zone.Take('-')) && zone.TakeNumber().digits == 2) {
    zone.Take(':');
    if (zone.TakeNumber().digits == 2) end = zone.at();
  }
  return end;
}

Range WithTime(std::string_view text, size_t begin, size_t end) {
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(SkipTime(text, end))};
}

bool TakeOrdinal(Scanner& scan) {
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    if (scan.TakeWord(ending)) return true;
  }
  return false;
}

// A day after a month's name: "5", "5th", "the 5th", "3-7", "3rd and 5th". Its end, or 0.
size_t TakeDay(std::string_view text, size_t at) {
  Scanner scan(text, at);
  if (scan.TakeWord("the")) scan.SkipSpaces();
  const Number day = scan.TakeNumber();
  if (day.digits == 0 || day.digits > 2 || !IsDay(day.value)) return 0;
  TakeOrdinal(scan);
  size_t end = scan.at();
  if (end < text.size() && (IsWord(text[end]) || text[end] == '%' || text[end] == ':')) return 0;
  if (end + 1 < text.size() && text[end] == '.' && IsDigit(text[end + 1])) return 0;
  Scanner more(text, end);
  more.SkipSpaces();
  if (more.Take('-') || more.Take('&') || more.TakeWord("and") || more.TakeWord("to")) {
    more.SkipSpaces();
    const Number last = more.TakeNumber();
    TakeOrdinal(more);
    if (last.digits > 0 && last.digits <= 2 && IsDay(last.value) && EndsNumber(text, more.at())) end = more.at();
  }
  return end;
}

// A year after a month's name or its day. Its end, or 0. Two digits only after a dash, an apostrophe or a day.
size_t TakeYear(std::string_view text, size_t at, bool short_form) {
  Scanner scan(text, at);
  bool marked = short_form;
  scan.Take('.');
  scan.Take(',');
  scan.SkipSpaces();
  if (scan.TakeWord("of")) scan.SkipSpaces();
  marked |= scan.Take('-') || scan.Take('/');
  marked |= scan.Take('\'');
  const Number year = scan.TakeNumber();
  if (year.digits == 4 && IsYear(year.value)) return EndsNumber(text, scan.at()) ? scan.at() : 0;
  if (year.digits == 2 && marked && EndsNumber(text, scan.at())) return scan.at();
  return 0;
}

// A day before a month's name: where it begins, or `at`.
size_t DayBefore(std::string_view text, size_t at) {
  size_t i = at;
  const auto back_spaces = [&] {
    while (i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\n')) --i;
  };
  const auto back_word = [&](std::string_view word) {
    if (i < word.size() || !EqualsIgnoringCase(text.substr(i - word.size(), word.size()), word)) return false;
    i -= word.size();
    return true;
  };
  if (i > 0 && (text[i - 1] == '-' || text[i - 1] == '/' || text[i - 1] == '.')) --i;
  back_spaces();
  if (back_word("of")) back_spaces();
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    if (back_word(ending)) break;
  }
  const size_t end = i;
  while (i > 0 && end - i < 3 && IsDigit(text[i - 1])) --i;
  if (end == i || end - i > 2 || (i > 0 && IsWord(text[i - 1]))) return at;
  if (!IsDay(Scanner(text, i).TakeNumber().value)) return at;
  if (i > 1 && text[i - 1] == '.' && IsDigit(text[i - 2])) return at;
  return i;
}

}  // namespace

bool IsCalendarDate(int year, int month, int day) {
  static constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return IsMonth(month) && day >= 1 && day <= kDays[static_cast<size_t>(month - 1)] && (year == 0 || IsYear(year));
}

std::optional<Range> MatchNumericDate(std::string_view text, uint32_t begin) {
  if (!BeginsNumber(text, begin)) return std::nullopt;
  Scanner scan(text, begin);
  const Number a = scan.TakeNumber();
  const char separator = scan.Peek();
  if (!IsSeparator(separator) || !scan.Take(separator)) return std::nullopt;
  const Number b = scan.TakeNumber();
  if (!scan.Take(separator)) return std::nullopt;
  const Number c = scan.TakeNumber();
  const bool year_first = a.digits == 4 && IsYear(a.value) && b.digits <= 2 && c.digits <= 2;
  const bool year_last = a.digits <= 2 && b.digits <= 2 && (c.digits == 2 || (c.digits == 4 && IsYear(c.value)));
  const size_t end = scan.at();
  if (b.digits == 0 || c.digits == 0) return std::nullopt;
  if (!(year_first && IsDayMonth(b.value, c.value)) && !(year_last && IsDayMonth(a.value, b.value))) {
    return std::nullopt;
  }
  const size_t with_time = SkipTime(text, end);
  if (with_time == end && !EndsNumber(text, end)) return std::nullopt;
  return Range{begin, static_cast<uint32_t>(with_time)};
}

std::optional<Range> MatchDayAndMonth(std::string_view text, uint32_t begin) {
  if (!BeginsNumber(text, begin)) return std::nullopt;
  Scanner scan(text, begin);
  const Number a = scan.TakeNumber();
  if (!scan.Take('/') && !scan.Take('-')) return std::nullopt;
  const Number b = scan.TakeNumber();
  if (a.digits == 0 || a.digits > 2 || b.digits == 0 || b.digits > 2 || !IsDayMonth(a.value, b.value)) {
    return std::nullopt;
  }
  if (!EndsNumber(text, scan.at())) return std::nullopt;
  return Range{begin, static_cast<uint32_t>(scan.at())};
}

std::optional<Range> MatchMonthAndYear(std::string_view text, uint32_t begin) {
  if (!BeginsNumber(text, begin)) return std::nullopt;
  Scanner scan(text, begin);
  const Number a = scan.TakeNumber();
  if (!scan.Take('/') && !scan.Take('-')) return std::nullopt;
  const Number b = scan.TakeNumber();
  const bool month_first = a.digits <= 2 && IsMonth(a.value) && b.digits == 4 && IsYear(b.value);
  const bool year_first = a.digits == 4 && IsYear(a.value) && b.digits == 2 && IsMonth(b.value);
  if (!(month_first || year_first) || !EndsNumber(text, scan.at())) return std::nullopt;
  return Range{begin, static_cast<uint32_t>(scan.at())};
}

std::optional<Range> MatchMonthDate(std::string_view text, Range month) {
  size_t begin = DayBefore(text, month.begin);
  size_t end = month.end;
  if (end < text.size() && text[end] == '.') ++end;
  Scanner gap(text, end);
  gap.Take('-');
  gap.Take(',');
  gap.SkipSpaces();
  bool has_day = begin != month.begin;
  if (!has_day) {
    if (const size_t day_end = TakeDay(text, gap.at()); day_end != 0) {
      end = day_end;
      has_day = true;
    }
  }
  const size_t year_end = TakeYear(text, end, begin != month.begin);
  if (year_end != 0) end = year_end;
  if (!has_day && year_end == 0) return std::nullopt;
  if (end == month.end + 1 && text[end - 1] == '.') --end;
  return WithTime(text, begin, end);
}

int MonthOf(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                               "may",       "june",     "july",     "august",
                                                               "september", "october",  "november", "december"};
  if (word.size() < 3) return 0;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    const bool abbreviated = word.size() == 3 || (word.size() == 4 && i == 8);
    if ((abbreviated || word.size() == kMonths[i].size()) &&
        EqualsIgnoringCase(word, kMonths[i].substr(0, word.size()))) {
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

std::vector<CalendarDate> ReadDate(std::string_view date) {
  std::vector<Number> numbers;
  int month = 0;
  for (Scanner scan(date, 0); !scan.done();) {
    if (IsDigit(scan.Peek())) {
      const Number number = scan.TakeNumber();
      if (numbers.size() < 3) numbers.push_back(number);
      continue;
    }
    const size_t begin = scan.at();
    while (IsAlpha(scan.Peek())) scan.Skip(1);
    if (month == 0) month = MonthOf(date.substr(begin, scan.at() - begin));
    if (scan.at() == begin) scan.Skip(1);
  }
  std::vector<CalendarDate> days;
  const auto add = [&](Number year, int m, int d) {
    const auto try_year = [&](int y) {
      const CalendarDate day{y, m, d};
      if (IsCalendarDate(y, m, d) && std::find(days.begin(), days.end(), day) == days.end()) days.push_back(day);
    };
    if (year.digits == 4) return try_year(year.value);
    if (year.digits != 2) return;
    try_year(1900 + year.value);
    try_year(2000 + year.value);
  };
  if (month != 0 && numbers.size() >= 2) {
    add(numbers[1], month, numbers[0].value);
    add(numbers[0], month, numbers[1].value);
  } else if (month == 0 && numbers.size() >= 3) {
    add(numbers[2], numbers[0].value, numbers[1].value);
    add(numbers[2], numbers[1].value, numbers[0].value);
    add(numbers[0], numbers[1].value, numbers[2].value);
  } else if (numbers.size() == 1 && numbers[0].digits == 8) {
    const int n = numbers[0].value;
    add({4, n / 10000}, n / 100 % 100, n % 100);
    add({4, n % 10000}, n / 1000000, n / 10000 % 100);
    add({4, n % 10000}, n / 10000 % 100, n / 1000000);
  }
  return days;
}

}  // namespace freshet::deid
