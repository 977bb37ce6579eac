#include "common/model/bert_text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>

#include "common/base/utf8.h"

namespace freshet::model {
namespace {

enum class Ascii : uint8_t { kGone, kSpace, kAlone, kWord };

constexpr std::array<Ascii, 128> kAscii = [] {
  std::array<Ascii, 128> kinds{};
  for (int c = 0; c < 128; ++c) {
    const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    const bool is_digit = c >= '0' && c <= '9';
    kinds[c] = c == ' ' || c == '\t' || c == '\n' || c == '\r' ? Ascii::kSpace
               : c < ' ' || c == 0x7F                          ? Ascii::kGone
               : is_letter || is_digit                         ? Ascii::kWord
                                                               : Ascii::kAlone;
  }
  return kinds;
}();

// The blocks that BERT puts spaces around, as its authors listed them.
bool IsHan(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool Has(char32_t c, uint32_t categories) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & categories) != 0; }

bool Vanishes(char32_t c) { return c == 0xFFFD || Has(c, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK | U_GC_CS_MASK); }

bool IsPunctuation(char32_t c) { return c < 0x80 ? kAscii[c] == Ascii::kAlone : Has(c, U_GC_P_MASK); }

char32_t Lower(char32_t c) { return static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))); }

// Full canonical decomposition without non-spacing marks, lower-cased.
void Fold(char32_t c, std::vector<char32_t>& out) {
  out.clear();
  UErrorCode error = U_ZERO_ERROR;
  static const icu::Normalizer2* const nfd = icu::Normalizer2::getNFDInstance(error);
  icu::UnicodeString decomposed;
  if (nfd == nullptr || !nfd->getDecomposition(static_cast<UChar32>(c), decomposed)) {
    if (!Has(c, U_GC_MN_MASK)) out.push_back(Lower(c));
    return;
  }
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const auto part = static_cast<char32_t>(decomposed.char32At(i));
    if (!Has(part, U_GC_MN_MASK)) out.push_back(Lower(part));
  }
}

void Append(BertWord& word, char32_t c, uint32_t begin, uint32_t end) {
  AppendUtf8(word.text, c);
  word.begin_of.resize(word.text.size(), begin);
  word.end_of.resize(word.text.size(), end);
  ++word.characters;
}

}  // namespace

void BertWord::Clear() {
  text.clear();
  begin_of.clear();
  end_of.clear();
  characters = 0;
}

bool BertText::Next(BertWord& word) {
  word.Clear();
  while (pending_at_ < pending_.size() || at_ < text_.size()) {
    if (pending_at_ < pending_.size() || static_cast<uint8_t>(text_[at_]) >= 0x80) {
      if (AddNonAscii(word, at_)) return true;
      continue;
    }
    const auto c = static_cast<uint8_t>(text_[at_]);
    const Ascii kind = kAscii[c];
    if (kind == Ascii::kAlone && !word.text.empty()) return true;
    const auto begin = origin_ + static_cast<uint32_t>(at_++);
    if (kind == Ascii::kSpace && !word.text.empty()) return true;
    if (kind == Ascii::kSpace || kind == Ascii::kGone) continue;
    word.text.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c));
    word.begin_of.push_back(begin);
    word.end_of.push_back(begin + 1);
    ++word.characters;
    if (kind == Ascii::kAlone) return true;
  }
  return !word.text.empty();
}

// Takes the next character, or what is left of the last one; true where that ends the word.
bool BertText::AddNonAscii(BertWord& word, size_t begin) {
  if (pending_at_ == pending_.size()) {
    size_t next = at_;
    const char32_t c = NextCodePoint(text_, next);
    const bool is_space = u_isUWhiteSpace(static_cast<UChar32>(c)) && !Has(c, U_GC_CC_MASK);
    if (IsHan(c) && !word.text.empty()) return true;  // it is the next word
    at_ = next;
    if (Vanishes(c)) return false;
    if (is_space) return !word.text.empty();
    pending_begin_ = origin_ + static_cast<uint32_t>(begin);
    pending_end_ = origin_ + static_cast<uint32_t>(next);
    pending_at_ = 0;
    Fold(c, pending_);
    if (IsHan(c) && !pending_.empty()) {
      Append(word, pending_[pending_at_++], pending_begin_, pending_end_);
      return true;
    }
  }
  while (pending_at_ < pending_.size()) {
    const char32_t c = pending_[pending_at_];
    if (IsPunctuation(c) && !word.text.empty()) return true;
    ++pending_at_;
    Append(word, c, pending_begin_, pending_end_);
    if (IsPunctuation(c)) return true;
  }
  return false;
}

}  // namespace freshet::model
