// How deep a JSON text nests, before anything is made of it: a parser makes an object of each of a million brackets,
// which takes it seconds.
//
//   if (NestsDeeperThan(body, kMostNesting)) return invalid;     // brackets within strings do not count
//
// Any text, valid or not; one pass. Any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace freshet::query {

inline constexpr size_t kMostNesting = 32;  // no request of the API has more than four

inline bool NestsDeeperThan(std::string_view json, size_t most) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > most) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace freshet::query
