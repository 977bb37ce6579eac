// What a code point is to the counters and embedders of this folder; a table for ASCII, ICU's properties for the rest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace freshet::model {

enum class CharacterClass : uint8_t {
  kSpace,   // whitespace, control and format characters: in no token
  kWord,    // letters, marks, digits: together they make words
  kSingle,  // a token of its own: punctuation, symbols, and scripts written without spaces
};

CharacterClass ClassOfNonAscii(char32_t code_point);

constexpr CharacterClass ClassOfAscii(uint8_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return CharacterClass::kWord;
  return c <= ' ' || c == 0x7F ? CharacterClass::kSpace : CharacterClass::kSingle;
}

inline constexpr std::array<CharacterClass, 128> kAsciiClasses = [] {
  std::array<CharacterClass, 128> classes{};
  for (size_t c = 0; c < classes.size(); ++c) classes[c] = ClassOfAscii(static_cast<uint8_t>(c));
  return classes;
}();

}  // namespace freshet::model
