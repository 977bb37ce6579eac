#include "services/chunk/long_units.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "common/base/utf8.h"
#include "services/chunk/strength.h"

namespace freshet::chunk {
namespace {

constexpr uint32_t kPieceTokens = 16;

bool IsSpace(char32_t c) { return c <= ' ' || (c >= 0x7F && u_isUWhiteSpace(static_cast<UChar32>(c))); }

// Runs between whitespace, in which something is visible. Joiners and other format characters belong to their word.
void FindWords(std::string_view text, Range range, std::vector<Range>& words) {
  words.clear();
  uint32_t begin = range.begin;
  const auto end_word = [&](uint32_t end) {
    const Range word = Trim(text, {begin, end});
    if (!word.empty()) words.push_back(word);
  };
  for (size_t at = range.begin, next = at; at < range.end; at = next) {
    if (!IsSpace(NextCodePoint(text, next))) continue;
    end_word(static_cast<uint32_t>(at));
    begin = static_cast<uint32_t>(next);
  }
  end_word(range.end);
}

}  // namespace

void LongUnits::Append(std::string_view text, const Unit& whole, uint32_t room, std::vector<Unit>& units) {
  FindWords(text, {whole.begin, whole.end}, words_);
  const auto hash = [&](size_t i) {
    return i < words_.size() ? CutHash(text.substr(words_[i].begin, words_[i].size())) : 0;
  };
  uint64_t here = hash(0), next = hash(1);
  for (size_t i = 0; i < words_.size(); ++i) {
    const uint64_t after_next = hash(i + 2);
    Unit word = whole;
    word.begin = words_[i].begin;
    word.end = words_[i].end;
    word.tokens = static_cast<uint32_t>(counter_.Count(text.substr(word.begin, word.end - word.begin)));
    if (i > 0) word.strength = StrengthOfWord(here, next, after_next);
    AppendWord(text, word, room, units);
    here = next;
    next = after_next;
  }
}

void LongUnits::AppendWord(std::string_view text, Unit word, uint32_t room, std::vector<Unit>& units) {
  const uint32_t step = std::min(kPieceTokens, room / 2);
  if (word.tokens <= 2 * step) {
    units.push_back(word);
    return;
  }
  const std::string_view bytes = text.substr(word.begin, word.end - word.begin);
  counter_.TokenEnds(bytes, ends_);
  for (uint32_t begin = 0, token = 0; begin < bytes.size();) {
    token = static_cast<uint32_t>(std::upper_bound(ends_.begin() + token, ends_.end(), begin) - ends_.begin());
    const size_t last = std::min<size_t>(token + step - 1, ends_.size() - 1);
    uint32_t end = last + 1 == ends_.size() ? static_cast<uint32_t>(bytes.size()) : GraphemeEnd(bytes, ends_[last]);
    const auto past = std::upper_bound(ends_.begin() + token, ends_.end(), end) - ends_.begin();
    if (past - token > room / 2 && past - token > step) end = ends_[last];
    Unit piece = word;
    piece.begin = word.begin + begin;
    piece.end = word.begin + end;
    piece.torn = true;
    piece.tokens = static_cast<uint32_t>(counter_.Count(bytes.substr(begin, end - begin)));
    if (begin > 0) piece.strength = StrengthOfWord(CutHash(bytes.substr(begin, end - begin)), 0, 0);
    units.push_back(piece);
    begin = end;
  }
}

// The first end of a grapheme cluster at or behind `at`.
uint32_t LongUnits::GraphemeEnd(std::string_view word, uint32_t at) {
  const bool plain = at < word.size() && static_cast<uint8_t>(word[at]) < 0x80;
  if (plain || at >= word.size()) return at;  // ASCII never joins what is before it, but for line ends
  // Clusters are found from a window, so that a word of megabytes costs no more than its length.
  UErrorCode error = U_ZERO_ERROR;
  if (graphemes_ == nullptr)
    graphemes_.reset(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
  if (U_FAILURE(error)) return at;
  constexpr uint32_t kWindow = 4096;
  uint32_t begin = at > kWindow ? at - kWindow : 0;
  while (begin > 0 && (static_cast<uint8_t>(word[begin]) & 0xC0) == 0x80) --begin;
  UText window = UTEXT_INITIALIZER;
  const auto size = static_cast<int64_t>(std::min<size_t>(word.size() - begin, 2 * kWindow));
  utext_openUTF8(&window, word.data() + begin, size, &error);
  graphemes_->setText(&window, error);
  const auto offset = static_cast<int32_t>(at - begin);
  const int32_t end = U_FAILURE(error) || graphemes_->isBoundary(offset) ? offset : graphemes_->following(offset);
  utext_close(&window);
  return end == icu::BreakIterator::DONE ? at : begin + static_cast<uint32_t>(end);
}

}  // namespace freshet::chunk
