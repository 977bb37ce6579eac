// Fields of a resource that simdjson has read, for who asks leniently: what is not there, or is of another type, is
// empty.
//
//   TextAt(resource, "subject", "reference")     // "" where there is none
//   for (const Element one : ListAt(resource, "name")) ...
//
// Views live as long as the parser's document. Only for the .cc files of this folder: simdjson is no one else's to
// include. Pure functions.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

namespace freshet::fhir {

using Element = simdjson::dom::element;

// What stands behind the names; nothing where one is missing.
template <class... Names>
simdjson::simdjson_result<Element> At(const Element& from, Names... names) {
  simdjson::simdjson_result<Element> at(Element{from});
  ((at = at[names]), ...);
  return at;
}

template <class... Names>
std::string_view TextAt(const Element& from, Names... names) {
  std::string_view text;
  return At(from, names...).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// The elements of a list; an element alone counts as a list of one.
template <class... Names>
std::vector<Element> ListAt(const Element& from, Names... names) {
  Element at;
  if (At(from, names...).get(at) != simdjson::SUCCESS) return {};
  simdjson::dom::array list;
  if (at.get(list) != simdjson::SUCCESS) return {at};
  return {list.begin(), list.end()};
}

// Of a CodeableConcept, or a list of them: its words.
inline std::string_view WordsAt(const Element& from, std::string_view name) {
  for (const Element concept_ : ListAt(from, name)) {
    if (const std::string_view text = TextAt(concept_, "text"); !text.empty()) return text;
    for (const Element coding : ListAt(concept_, "coding")) {
      if (const std::string_view display = TextAt(coding, "display"); !display.empty()) return display;
    }
  }
  return "";
}

}  // namespace freshet::fhir
