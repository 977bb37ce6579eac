#include "services/chunk/visible.h"

#include "common/base/utf8.h"
#include "common/model/characters.h"

namespace freshet::chunk {

using model::CharacterClass;

bool IsVisible(char32_t code_point) {
  return (code_point < 0x80 ? model::kAsciiClasses[code_point] : model::ClassOfNonAscii(code_point)) !=
         CharacterClass::kSpace;
}

Range Trim(std::string_view text, Range range) {
  for (size_t next = range.begin; range.begin < range.end; range.begin = static_cast<uint32_t>(next)) {
    if (IsVisible(NextCodePoint(text, next))) break;
  }
  while (range.begin < range.end) {
    uint32_t last = range.end - 1;
    while (last > range.begin && (static_cast<uint8_t>(text[last]) & 0xC0) == 0x80) --last;
    size_t at = last;
    if (IsVisible(NextCodePoint(text, at))) break;
    range.end = last;
  }
  return range;
}

}  // namespace freshet::chunk
