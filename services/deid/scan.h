// Scanner: a cursor over folded text, for the small readers of this folder; and comparisons without case.
//
//   Scanner scan(text, at);   Number n = scan.TakeNumber();   if (scan.Take('/')) ...
#pragma once

#include <cstdint>
#include <string_view>

#include "services/deid/text.h"

namespace freshet::deid {

struct Number {
  int digits = 0;  // written, up to 9; more: 10 and the value is meaningless
  int value = 0;
};

inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (ToLower(a[i]) != ToLower(b[i])) return false;
  }
  return true;
}

class Scanner {
 public:
  Scanner(std::string_view text, size_t at) : text_(text), at_(at) {}

  size_t at() const { return at_; }
  bool done() const { return at_ >= text_.size(); }
  // 0 past the end.
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void Skip(size_t count) { at_ += count; }

  bool Take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // At most 4 spaces, at most one line end among them: more is another field.
  void SkipSpaces() {
    int lines = 0;
    for (int i = 0; i < 4 && !done() && IsSpace(text_[at_]); ++i, ++at_) {
      if (text_[at_] == '\n' && ++lines > 1) return;
    }
  }
  // The word, any case, and no letter or digit after it.
  bool TakeWord(std::string_view word) {
    if (at_ + word.size() > text_.size() || !EqualsIgnoringCase(text_.substr(at_, word.size()), word)) return false;
    if (at_ + word.size() < text_.size() && IsWord(text_[at_ + word.size()]) && IsWord(word.back())) return false;
    at_ += word.size();
    return true;
  }
  Number TakeNumber() {
    Number number;
    for (; !done() && IsDigit(text_[at_]) && number.digits < 10; ++at_, ++number.digits) {
      number.value = number.digits < 9 ? number.value * 10 + (text_[at_] - '0') : 0;
    }
    return number;
  }

 private:
  std::string_view text_;
  size_t at_;
};

}  // namespace freshet::deid
