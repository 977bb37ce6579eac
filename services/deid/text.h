// Text: a text as detectors see it: folded, so that tricks of writing do not hide an identifier, with the way back to
// the source; and cut into tokens.
//
//   Text text(source);                     // "ＭＲＮ： ４７１１", "Žofie", "4\u200B711"
//   text.folded()                          // "MRN: 4711",       "Zofie", "4711"
//   text.ToSource({0, 4})                  // bytes of the source that folded bytes [0, 4) stand for
//
// Folding: compatibility forms (full width, ligatures) and digits of every script to ASCII, diacritics and invisible
// characters dropped, dashes, quotes and spaces to ASCII, Cyrillic and Greek letters that look Latin to Latin in words
// that mix scripts, other symbols to a space. ASCII is never changed: a source of ASCII alone is its own folded text,
// without a copy. The source must outlive the Text. One thread at a time (tokens are cut when first asked for).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace freshet::deid {

struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const Range&) const = default;
};

// A run of letters and digits.
struct Token {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint64_t hash = 0;  // of its bytes with A-Z as a-z
  bool has_digit = false;
  bool has_alpha = false;
  bool upper = false;  // begins with A-Z, or with a letter that is not ASCII

  uint32_t size() const { return end - begin; }
};

class Text {
 public:
  Text() = default;
  explicit Text(std::string_view source) { Assign(source); }
  // As a new Text, but keeps the memory.
  void Assign(std::string_view source);

  std::string_view source() const { return source_; }
  std::string_view folded() const { return is_ascii_ ? source_ : std::string_view(folded_); }
  const std::vector<Token>& tokens() const;

  // Both ends widened to whole characters of the source, invisible ones that follow included.
  Range ToSource(Range folded) const;

 private:
  std::string_view source_;
  bool is_ascii_ = true;
  std::string folded_;
  std::vector<uint32_t> places_;  // of each folded byte, and of the end, in the source
  mutable bool tokenised_ = false;
  mutable std::vector<Token> tokens_;
};

// FNV-1a, 64 bits, of one more byte; begin with kHashSeed.
inline constexpr uint64_t kHashSeed = 0xcbf29ce484222325;
constexpr uint64_t HashByte(uint64_t hash, unsigned char byte) { return (hash ^ byte) * 0x100000001b3; }
// Of a sequence of tokens: order matters.
constexpr uint64_t HashToken(uint64_t hash, uint64_t token) {
  hash ^= token + 0x9e3779b97f4a7c15 + (hash << 12) + (hash >> 4);
  return hash * 0xff51afd7ed558ccd;
}

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsAlpha(char c) { return IsUpper(c) || IsLower(c) || static_cast<signed char>(c) < 0; }
constexpr bool IsWord(char c) { return IsDigit(c) || IsAlpha(c); }
constexpr bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr char ToLower(char c) { return IsUpper(c) ? static_cast<char>(c + 32) : c; }

// Cuts folded text into tokens, appending.
void Tokenise(std::string_view folded, std::vector<Token>& tokens);

}  // namespace freshet::deid
