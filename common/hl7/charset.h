// ToUtf8: bytes in the character set that MSH-18 names (HL7 table 0211) as UTF-8.
//
//   std::string text = ToUtf8(bytes, "8859/1");
//
// Without a name: as they are where they are UTF-8, else from ISO 8859-1, in which every byte is a character. The same
// where the name is unknown or the bytes are none of it. By iconv. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace freshet::hl7 {

std::string ToUtf8(std::string_view bytes, std::string_view charset);

}  // namespace freshet::hl7
