#include "common/hl7/timestamp.h"

#include <algorithm>
#include <chrono>

namespace freshet::hl7 {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads from the front.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  // `fallback` where fewer digits follow.
  int Take(size_t digits, int fallback) {
    const std::string_view piece = text_.substr(0, digits);
    if (piece.size() < digits || !std::all_of(piece.begin(), piece.end(), IsDigit)) return fallback;
    int number = 0;
    for (const char c : piece) number = number * 10 + (c - '0');
    text_.remove_prefix(digits);
    return number;
  }
  char Next() {
    const char c = text_.empty() ? '\0' : text_.front();
    if (c != '\0') text_.remove_prefix(1);
    return c;
  }
  char Peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool empty() const { return text_.empty(); }

 private:
  std::string_view text_;
};

int64_t TakeFraction(Digits& digits) {
  if (digits.Peek() != '.') return 0;
  digits.Next();
  int64_t micros = 0;
  for (int64_t unit = 100'000; IsDigit(digits.Peek()); unit /= 10) micros += unit * (digits.Next() - '0');
  return micros;
}

}  // namespace

Result<int64_t> ParseTimestamp(std::string_view text) {
  const Status wrong(Code::kInvalidArgument, "No HL7 time");
  Digits digits(text);
  const int year = digits.Take(4, -1), month = digits.Take(2, 1), day = digits.Take(2, 1);
  const int hour = digits.Take(2, 0), minute = digits.Take(2, 0), second = digits.Take(2, 0);
  const int64_t micros = TakeFraction(digits);
  int offset = 0;
  if (digits.Peek() == '+' || digits.Peek() == '-') {
    const int sign = digits.Next() == '-' ? -1 : 1;
    const int hours = digits.Take(2, -1), minutes = digits.Take(2, -1);
    if (hours < 0 || minutes < 0) return wrong;
    offset = sign * (hours * 60 + minutes);
  }
  const auto date = std::chrono::year(year) / month / day;
  if (year < 1 || !digits.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60) return wrong;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute - offset) * 60'000'000 + second * int64_t{1'000'000} + micros;
}

}  // namespace freshet::hl7
