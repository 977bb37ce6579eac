// Base64 (RFC 4648, section 4), as FHIR, CloudEvents and MIME carry bytes.
//
//   std::optional<std::string> bytes = FromBase64("cGFnZQ==");     // "page"; white space between digits is skipped
//
// Nothing where a character is none of the alphabet, or digits and padding are no whole groups of four. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freshet {

std::string ToBase64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace freshet
