#include "common/store/analyzer.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace freshet::store {
namespace {

constexpr char kNoWord = 0;
constexpr char kNotAscii = 1;

// What each byte is to a word: its lower-case form, kNoWord or kNotAscii.
constexpr std::array<char, 256> kBytes = [] {
  std::array<char, 256> bytes{};
  for (int c = '0'; c <= '9'; ++c) bytes[c] = static_cast<char>(c);
  for (int c = 'a'; c <= 'z'; ++c) bytes[c] = static_cast<char>(c);
  for (int c = 'A'; c <= 'Z'; ++c) bytes[c] = static_cast<char>(c - 'A' + 'a');
  for (int c = 128; c < 256; ++c) bytes[c] = kNotAscii;
  return bytes;
}();

enum class Kind : uint8_t { kNoWord, kInWord, kAlone };

Kind KindOf(UChar32 c) {
  if (c < 0) return Kind::kNoWord;
  if (c < 128) return kBytes[c] == kNoWord ? Kind::kNoWord : Kind::kInWord;
  if ((U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK)) == 0) return Kind::kNoWord;
  UErrorCode error = U_ZERO_ERROR;
  return uscript_breaksBetweenLetters(uscript_getScript(c, &error)) ? Kind::kAlone : Kind::kInWord;
}

// Letters with strokes and the like: to Unicode they are letters of their own, to a searcher they are not.
const char* PlainLetter(UChar32 c) {
  switch (c) {
    case 0x00E6:
      return "ae";
    case 0x00F8:
      return "o";
    case 0x0111:
      return "d";
    case 0x0131:
      return "i";
    case 0x0142:
      return "l";
    case 0x0153:
      return "oe";
    default:
      return nullptr;
  }
}

bool IsAccent(UChar32 c) {
  constexpr uint8_t kFirstAccentClass = 200;  // canonical combining classes of marks above, below and through letters
  return u_getCombiningClass(c) >= kFirstAccentClass;
}

std::string Fold(std::string_view run) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(error);
  const icu::Normalizer2* compose = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) return std::string(run);
  const auto text = icu::UnicodeString::fromUTF8(icu::StringPiece(run.data(), static_cast<int32_t>(run.size())));
  const icu::UnicodeString apart = decompose->normalize(casefold->normalize(text, error), error);
  icu::UnicodeString plain;
  for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 c = apart.char32At(i);
    if (IsAccent(c)) continue;
    if (const char* letter = PlainLetter(c)) {
      plain.append(icu::UnicodeString(letter, -1, US_INV));
    } else {
      plain.append(c);
    }
  }
  std::string out;
  compose->normalize(plain, error).toUTF8String(out);
  return U_FAILURE(error) ? std::string(run) : out;
}

}  // namespace

bool WordReader::Next(std::string_view& word) {
  while (at_ != end_) {
    if (kBytes[static_cast<uint8_t>(*at_)] == kNoWord) {
      ++at_;
      continue;
    }
    start_ = at_;
    size_t size = 0;
    char c = kNoWord;
    for (; at_ != end_ && (c = kBytes[static_cast<uint8_t>(*at_)]) > kNotAscii; ++at_) {
      if (size < kMaxWordBytes) buffer_[size++] = c;
    }
    if (at_ == end_ || c != kNotAscii) {
      word = {buffer_.data(), size};
      return true;
    }
    at_ = start_;
    if (NextUnicode(start_, word)) return true;
  }
  return false;
}

// A run in which not all is ASCII. False where it held no word after all; `at_` has moved either way.
bool WordReader::NextUnicode(const char* start, std::string_view& word) {
  constexpr size_t kMaxRun = 16 * kMaxWordBytes;  // what lies behind could not count
  const auto* bytes = reinterpret_cast<const uint8_t*>(start);
  const size_t size = static_cast<size_t>(end_ - start);
  size_t taken = 0;
  size_t at = 0;
  while (at < size) {
    size_t next = at;
    UChar32 c = 0;
    U8_NEXT(bytes, next, size, c);
    const Kind kind = KindOf(c);
    if (kind == Kind::kNoWord || (kind == Kind::kAlone && at > 0)) break;
    at = next;
    if (at <= kMaxRun) taken = at;
    if (kind == Kind::kAlone) break;
  }
  if (at == 0) {
    UChar32 c = 0;
    U8_NEXT(bytes, at, size, c);
    at_ = start + at;
    return false;
  }
  at_ = start + at;
  const std::string folded = Fold({start, taken});
  size_t length = std::min(folded.size(), kMaxWordBytes);
  while (length < folded.size() && length > 0 && (static_cast<uint8_t>(folded[length]) & 0xC0) == 0x80) --length;
  std::memcpy(buffer_.data(), folded.data(), length);
  word = {buffer_.data(), length};
  return length > 0;
}

}  // namespace freshet::store
