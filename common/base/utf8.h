// UTF-8 by hand where ICU would be a detour: validity, lengths and steps in code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace freshet {

// True where the bytes are well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong forms).
bool IsValidUtf8(std::string_view bytes);

// Code points in valid UTF-8.
size_t CountCodePoints(std::string_view text);

// The byte index of code point `count` of valid UTF-8, or the size where the text is shorter.
size_t ByteOfCodePoint(std::string_view text, size_t count);

// The code point that begins at byte `at` of valid UTF-8; `at` moves behind it.
char32_t NextCodePoint(std::string_view text, size_t& at);

void AppendUtf8(std::string& out, char32_t code_point);

}  // namespace freshet
