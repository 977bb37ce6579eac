// Counted: a number with its noun, as people say it.
//
//   Counted(1, "document")      // "1 document"
//   Counted(30, "document")     // "30 documents"
//   Counted(0, "delete")        // "0 deletes"
//
// Nouns that take an s, no others. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace freshet {

inline std::string Counted(uint64_t number, std::string_view noun) {
  return std::to_string(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace freshet
