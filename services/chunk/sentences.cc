#include "services/chunk/sentences.h"

#include <unicode/uchar.h>

#include <array>

#include "common/base/utf8.h"
#include "services/chunk/abbreviations.h"

namespace freshet::chunk {
namespace {

constexpr size_t kWrappedLine = 60;  // bytes: a longer line without final punctuation reads on in the next

enum class Byte : uint8_t { kPlain, kStop, kTerminal, kNewline, kNonAscii };

constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> bytes{};
  for (size_t c = 0x80; c < 256; ++c) bytes[c] = Byte::kNonAscii;
  bytes['.'] = Byte::kStop;
  bytes['!'] = bytes['?'] = Byte::kTerminal;
  bytes['\n'] = bytes['\r'] = Byte::kNewline;
  return bytes;
}();

Byte KindAt(std::string_view text, size_t at) { return kBytes[static_cast<uint8_t>(text[at])]; }

bool IsSpace(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x80 && u_isUWhiteSpace(static_cast<UChar32>(c)));
}

bool IsTerminal(char32_t c) {
  if (c < 0x589 || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3)) return false;
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_S_TERM);
}

bool IsCloser(char32_t c) {
  if (c < 0x80) return c == '"' || c == '\'' || c == ')' || c == ']' || c == '}';
  const uint32_t category = U_GET_GC_MASK(static_cast<UChar32>(c));
  return (category & (U_GC_PE_MASK | U_GC_PF_MASK)) != 0;
}

class Splitter {
 public:
  Splitter(std::string_view text, std::vector<uint32_t>& ends) : text_(text), ends_(ends) {}

  void Run() {
    while (at_ < text_.size()) {
      switch (KindAt(text_, at_)) {
        case Byte::kPlain:
          ++at_;
          break;
        case Byte::kNewline:
          Newline();
          break;
        case Byte::kNonAscii:
          NonAscii();
          break;
        default:
          Terminal();
      }
    }
    if (!text_.empty() && (ends_.empty() || ends_.back() != text_.size())) End(text_.size());
  }

 private:
  void End(size_t at) { ends_.push_back(static_cast<uint32_t>(at)); }

  // Whitespace from `at` on: where it ends, and the line breaks in it (CR LF is one).
  struct Space {
    size_t end;
    size_t newlines;
  };
  Space SpaceFrom(size_t at) const {
    size_t newlines = 0;
    for (size_t next = at; at < text_.size(); at = next) {
      const char32_t c = NextCodePoint(text_, next);
      if (!IsSpace(c)) break;
      newlines += c == '\n' || c == 0x2029 || (c == '\r' && !(next < text_.size() && text_[next] == '\n'));
    }
    return {at, newlines};
  }

  // Moves behind a run of terminals and what closes after it; true where a ! or ? was in it.
  bool SkipTerminals() {
    bool strong = false;
    for (; at_ < text_.size() && (KindAt(text_, at_) == Byte::kStop || KindAt(text_, at_) == Byte::kTerminal); ++at_) {
      strong |= KindAt(text_, at_) == Byte::kTerminal;
    }
    for (size_t next = at_; next < text_.size(); at_ = next) {
      if (!IsCloser(NextCodePoint(text_, next))) break;
    }
    return strong;
  }

  void Terminal() {
    const size_t stop = at_;
    const bool strong = SkipTerminals();
    const Space space = SpaceFrom(at_);
    if (space.end == at_) return;  // nothing, or text, follows at once: "3.5", "q.i.d", or the end
    if (space.end == text_.size() || strong || EndsAtStop(stop, space.end)) EndAt(space);
  }

  // Whether the full stop at `stop`, with the next visible character at `next`, ends a sentence.
  bool EndsAtStop(size_t stop, size_t next) const {
    const char32_t c = NextCodePoint(text_, next);
    if (u_islower(static_cast<UChar32>(c))) return false;
    const std::string_view word = WordBefore(stop);
    if (IsEnumerator(word, stop)) return false;
    switch (AbbreviationOf(word)) {
      case Abbreviation::kLeads:
        return false;
      case Abbreviation::kLeadsNumber:
        return !u_isdigit(static_cast<UChar32>(c));
      case Abbreviation::kMayEnd:
        return u_isupper(static_cast<UChar32>(c));
      default:
        return true;
    }
  }

  // Letters, digits and inner stops that end at `stop`, at most sixteen.
  std::string_view WordBefore(size_t stop) const {
    size_t begin = stop;
    while (begin > 0 && stop - begin < 16) {
      const auto c = static_cast<uint8_t>(text_[begin - 1]);
      if (!(c >= 0x80 || c == '.' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))) break;
      --begin;
    }
    return text_.substr(begin, stop - begin);
  }

  bool IsEnumerator(std::string_view word, size_t stop) const {
    return !word.empty() && word.size() <= 3 && stop - word.size() <= line_ &&
           word.find_first_not_of("0123456789") == std::string_view::npos;
  }

  void Newline() {
    const size_t line = at_;
    const Space space = SpaceFrom(at_);
    if (space.end == text_.size() || space.newlines > 1 || !ReadsOn(line, space.end)) End(space.end);
    at_ = line_ = space.end;
  }

  bool ReadsOn(size_t line_end, size_t next) const {
    if (u_islower(static_cast<UChar32>(NextCodePoint(text_, next)))) return true;
    const size_t last = text_.find_last_not_of(" \t", line_end == 0 ? 0 : line_end - 1);
    if (line_end == 0 || last == std::string_view::npos || last < line_) return false;
    return line_end - line_ >= kWrappedLine && std::string_view(".!?:;").find(text_[last]) == std::string_view::npos;
  }

  void NonAscii() {
    const size_t begin = at_;
    const char32_t c = NextCodePoint(text_, at_);
    if (c == 0x2028 || c == 0x2029 || c == 0x85) {
      EndAt(SpaceFrom(begin));
    } else if (IsTerminal(c)) {
      SkipTerminals();
      EndAt(SpaceFrom(at_));
    }
  }

  // Ends the sentence behind the whitespace after it.
  void EndAt(Space space) {
    End(space.end);
    at_ = space.end;
    if (space.newlines > 0) line_ = space.end;
  }

  std::string_view text_;
  std::vector<uint32_t>& ends_;
  size_t at_ = 0;
  size_t line_ = 0;  // where the line's first visible character is
};

}  // namespace

void SentenceEnds(std::string_view text, std::vector<uint32_t>& ends) {
  ends.clear();
  Splitter(text, ends).Run();
}

}  // namespace freshet::chunk
