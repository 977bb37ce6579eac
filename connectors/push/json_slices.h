// The pieces of a JSON text, as they were written: so that a document that travels inside an event keeps its numbers,
// its order of members and its white space, and so that no text is read whose depth would exhaust a stack.
//
//   if (!IsShallow(text)) ...                                  // before it is parsed
//   ElementsOf("[ 1.10, {} ]")                                 // "1.10", "{}"
//   MemberOf(R"({"id": "7", "data": {"b": 1.10}})", "data")    // {"b": 1.10}
//
// IsShallow takes any bytes, the others text that a parser has accepted. Pure functions: any thread.
#pragma once

#include <string_view>
#include <vector>

namespace freshet::push {

inline constexpr size_t kMostJsonLevels = 64;

bool IsShallow(std::string_view json);

std::vector<std::string_view> ElementsOf(std::string_view array);
// The last one of this name, as parsers have it; "" where none is written so.
std::string_view MemberOf(std::string_view object, std::string_view name);

}  // namespace freshet::push
