// Text of a Windows code page in UTF-8.
//
//   CodePageText(1252, "\x80 5")    // "€ 5"
//
// What the page does not have, and what an unknown page has beyond ASCII, becomes U+FFFD. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace freshet::deid {

std::string CodePageText(int page, std::string_view bytes);

// Appends a code point; U+FFFD for one that is none.
void AppendCodePoint(std::string& out, char32_t code_point);

}  // namespace freshet::deid
