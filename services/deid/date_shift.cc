#include "services/deid/date_shift.h"

#include <array>
#include <chrono>
#include <vector>

#include "services/deid/dates.h"
#include "services/deid/place_words.h"

namespace freshet::deid {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

// A run of digits or of letters.
struct Part {
  size_t begin = 0;
  size_t size = 0;
  int number = -1;   // of digits, at most 8 of them
  int month = 0;     // of a month's word
  int weekday = -1;  // of a weekday's, Sunday is 0
};

int WeekdayOf(std::string_view lower) {
  if (lower.size() < 3) return -1;
  for (size_t day = 0; day < kWeekdays.size(); ++day) {
    if (kWeekdays[day].starts_with(lower) || (day == 4 && lower == "thurs")) return static_cast<int>(day);
  }
  return -1;
}

std::vector<Part> PartsOf(std::string_view date) {
  std::vector<Part> parts;
  for (size_t at = 0; at < date.size();) {
    const bool digits = IsDigit(date[at]);
    if (!digits && !IsAlpha(date[at])) {
      ++at;
      continue;
    }
    Part part{.begin = at};
    while (at < date.size() && (digits ? IsDigit(date[at]) : IsAlpha(date[at]))) ++at;
    part.size = at - part.begin;
    if (digits && part.size <= 8) {
      part.number = 0;
      for (const char c : date.substr(part.begin, part.size)) part.number = part.number * 10 + (c - '0');
    } else if (!digits) {
      const std::string_view word = date.substr(part.begin, part.size);
      part.month = MonthOf(word);
      part.weekday = part.month == 0 ? WeekdayOf(Lower(word)) : -1;
    }
    parts.push_back(part);
  }
  return parts;
}

// As one word is written in the case of another.
std::string InCaseOf(std::string_view word, std::string_view model) {
  std::string out(word);
  const bool capitals = model.size() > 1 && IsUpper(model[0]) && IsUpper(model[1]);
  for (char& c : out) c = capitals && IsLower(c) ? static_cast<char>(c - 32) : c;
  if (!out.empty() && IsUpper(model[0]) && IsLower(out[0])) out[0] = static_cast<char>(out[0] - 32);
  return out;
}

// The whole name or its first three letters, as the model has it.
std::string Named(std::string_view name, std::string_view model) {
  const bool whole = model.size() > 4 || model.size() == name.size();
  return InCaseOf(whole ? name : name.substr(0, 3), model);
}

std::string Padded(int number, size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::string_view OrdinalOf(int day) {
  if (day >= 11 && day <= 13) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

bool IsOrdinal(std::string_view lower) { return lower == "st" || lower == "nd" || lower == "rd" || lower == "th"; }

// Which part is what; null where it is not said.
struct Roles {
  const Part* year = nullptr;
  const Part* month = nullptr;
  const Part* day = nullptr;
  bool compact = false;  // YYYYMMDD in one, with what follows
};

int YearOf(const Part& part) {
  if (part.size > 2) return part.number;
  return part.number + (part.number > 40 ? 1900 : 2000);
}

bool IsYear(const Part& part) { return part.size == 4 && part.number >= 1500 && part.number < 2400; }

class Reader {
 public:
  explicit Reader(std::string_view date) : date_(date), parts_(PartsOf(date)) {}

  const std::vector<Part>& parts() const { return parts_; }

  std::optional<Roles> Read() const {
    for (const Part& part : parts_) {
      if (part.month != 0) return WithMonthName(part);
    }
    return InNumbers();
  }

 private:
  char After(const Part& part) const {
    const size_t at = part.begin + part.size;
    return at < date_.size() ? date_[at] : ' ';
  }

  // "March 3rd, 2021 at 8:15", "3 Mar 21", "March 2021", "March 3".
  std::optional<Roles> WithMonthName(const Part& month) const {
    Roles roles{.month = &month};
    for (const Part& part : parts_) {
      if (part.number < 0 || After(part) == ':') continue;
      if (part.size > 0 && part.begin > 0 && date_[part.begin - 1] == ':') continue;
      if (roles.year == nullptr && IsYear(part)) {
        roles.year = &part;
      } else if (roles.day == nullptr && part.size <= 2 && part.number >= 1 && part.number <= 31) {
        roles.day = &part;
      } else if (roles.year == nullptr && part.size == 2 && roles.day != nullptr && roles.day<&part&& & part> & month) {
        roles.year = &part;
      }
    }
    if (roles.day == nullptr && roles.year == nullptr) return std::nullopt;
    return roles;
  }

  std::optional<Roles> InNumbers() const {
    std::vector<const Part*> numbers;
    for (const Part& part : parts_) {
      if (part.weekday >= 0 && numbers.empty()) continue;
      if (part.number < 0) {
        if (numbers.empty() && part.size <= 8) continue;  // "on 3/4/21"
        break;
      }
      if (After(part) == ':') break;
      numbers.push_back(&part);
      if (numbers.size() == 3 || (part.size == 8 && numbers.size() == 1)) break;
    }
    if (numbers.size() == 1 && numbers[0]->size == 8) return Roles{.compact = true};
    if (numbers.size() == 3) return OfThree(*numbers[0], *numbers[1], *numbers[2]);
    if (numbers.size() == 2) return OfTwo(*numbers[0], *numbers[1]);
    return std::nullopt;
  }

  static std::optional<Roles> OfThree(const Part& a, const Part& b, const Part& c) {
    if (IsYear(a)) return Roles{.year = &a, .month = &b, .day = &c};
    if (!IsYear(c) && c.size != 2) return std::nullopt;
    if (a.number > 12) return Roles{.year = &c, .month = &b, .day = &a};
    return Roles{.year = &c, .month = &a, .day = &b};
  }

  static std::optional<Roles> OfTwo(const Part& a, const Part& b) {
    if (IsYear(a)) return Roles{.year = &a, .month = &b};
    if (IsYear(b)) return Roles{.year = &b, .month = &a};
    if (a.number > 12) return Roles{.month = &b, .day = &a};
    return Roles{.month = &a, .day = &b};
  }

  std::string_view date_;
  std::vector<Part> parts_;
};

std::optional<std::chrono::sys_days> Moved(int year, int month, int day, int days) {
  if (!IsCalendarDate(year, month, day)) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                        std::chrono::day(static_cast<unsigned>(day))};
  if (!ymd.ok()) return std::nullopt;
  return std::chrono::sys_days(ymd) + std::chrono::days(days);
}

// Replaces parts from left to right.
class Writer {
 public:
  explicit Writer(std::string_view date) : date_(date) {}

  void Put(const Part& part, std::string_view text) {
    out_.append(date_, copied_, part.begin - copied_);
    out_ += text;
    copied_ = part.begin + part.size;
  }
  std::string Finish() {
    out_.append(date_, copied_);
    return std::move(out_);
  }

 private:
  std::string_view date_;
  std::string out_;
  size_t copied_ = 0;
};

std::optional<std::string> Write(std::string_view date, const std::vector<Part>& parts, const Roles& roles,
                                 std::chrono::sys_days to) {
  const std::chrono::year_month_day ymd(to);
  const int year = static_cast<int>(ymd.year()), month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  const int day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  const auto weekday = std::chrono::weekday(to).c_encoding();
  Writer writer(date);
  for (const Part& part : parts) {
    const std::string_view written = date.substr(part.begin, part.size);
    if (&part == roles.year) {
      writer.Put(part, part.size == 2 ? Padded(year % 100, 2) : Padded(year, 4));
    } else if (&part == roles.month) {
      writer.Put(part,
                 part.month != 0 ? Named(kMonths[static_cast<size_t>(month - 1)], written) : Padded(month, part.size));
    } else if (&part == roles.day) {
      writer.Put(part, Padded(day, part.size));
    } else if (part.weekday >= 0 && roles.day != nullptr) {
      writer.Put(part, Named(kWeekdays[weekday], written));
    } else if (roles.day != nullptr && part.begin == roles.day->begin + roles.day->size && IsOrdinal(Lower(written))) {
      writer.Put(part, InCaseOf(OrdinalOf(day), written));
    }
  }
  return writer.Finish();
}

// "20210331", "20210331081500": the rest stays.
std::optional<std::string> ShiftCompact(std::string_view date, const std::vector<Part>& parts, int days) {
  for (const Part& part : parts) {
    if (part.size != 8) continue;
    const auto to = Moved(part.number / 10000, part.number / 100 % 100, part.number % 100, days);
    if (!to) return std::nullopt;
    const std::chrono::year_month_day ymd(*to);
    Writer writer(date);
    writer.Put(part, Padded(static_cast<int>(ymd.year()), 4) + Padded(static_cast<int>(unsigned(ymd.month())), 2) +
                         Padded(static_cast<int>(unsigned(ymd.day())), 2));
    return writer.Finish();
  }
  return std::nullopt;
}

// "on Monday": only the weekday is said.
std::optional<std::string> ShiftWeekday(std::string_view date, const std::vector<Part>& parts, int days) {
  Writer writer(date);
  bool any = false;
  for (const Part& part : parts) {
    if (part.number >= 0 || part.month != 0) return std::nullopt;
    if (part.weekday < 0) continue;
    const int to = ((part.weekday + days) % 7 + 7) % 7;
    writer.Put(part, Named(kWeekdays[static_cast<size_t>(to)], date.substr(part.begin, part.size)));
    any = true;
  }
  return any ? std::optional(writer.Finish()) : std::nullopt;
}

// A time glued to a day as HL7 writes it is cut off for reading.
size_t EndOfCompact(std::string_view date) {
  size_t digits = 0;
  while (digits < date.size() && IsDigit(date[digits])) ++digits;
  return digits == 10 || digits == 12 || digits == 14 ? 8 : std::string_view::npos;
}

}  // namespace

std::optional<std::string> ShiftDate(std::string_view date, const Shift& shift) {
  if (const size_t cut = EndOfCompact(date); cut != std::string_view::npos) {
    const auto day = ShiftDate(date.substr(0, cut), shift);
    return day ? std::optional(*day + std::string(date.substr(cut))) : std::nullopt;
  }
  const Reader reader(date);
  const std::optional<Roles> roles = reader.Read();
  if (!roles) return ShiftWeekday(date, reader.parts(), shift.days);
  if (roles->compact) return ShiftCompact(date, reader.parts(), shift.days);
  const int year = roles->year == nullptr ? shift.year : YearOf(*roles->year);
  const int month = roles->month->month != 0 ? roles->month->month : roles->month->number;
  const auto to = Moved(year, month, roles->day == nullptr ? 15 : roles->day->number, shift.days);
  return to ? Write(date, reader.parts(), *roles, *to) : std::nullopt;
}

std::optional<int> YearOfDate(std::string_view date) {
  if (const size_t cut = EndOfCompact(date); cut != std::string_view::npos) date = date.substr(0, cut);
  const Reader reader(date);
  const std::optional<Roles> roles = reader.Read();
  if (!roles) return std::nullopt;
  if (roles->year != nullptr) return YearOf(*roles->year);
  if (!roles->compact) return std::nullopt;
  for (const Part& part : reader.parts()) {
    if (part.size == 8 && IsCalendarDate(part.number / 10000, part.number / 100 % 100, part.number % 100)) {
      return part.number / 10000;
    }
  }
  return std::nullopt;
}

int DaysFor(const KeyRing& keys, std::string_view patient, bool whole_weeks) {
  const std::string bytes = keys.SurrogateBytes("date-shift", patient);
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return whole_weeks ? -7 * static_cast<int>(1 + number % 52) : -static_cast<int>(1 + number % 364);
}

}  // namespace freshet::deid
