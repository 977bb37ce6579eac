#include "connectors/push/json_slices.h"

#include <algorithm>

namespace freshet::push {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Behind the string that begins at `at`.
size_t SkipString(std::string_view json, size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

size_t SkipSpace(std::string_view json, size_t at) { return std::min(json.find_first_not_of(kSpace, at), json.size()); }

// Behind the value that begins at `at`.
size_t SkipValue(std::string_view json, size_t at) {
  size_t level = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = SkipString(json, at);
    } else if (c == '{' || c == '[') {
      ++level, ++at;
    } else if (c == '}' || c == ']') {
      if (level == 0) return at;
      --level, ++at;
    } else if (level == 0 && (c == ',' || kSpace.find(c) != std::string_view::npos)) {
      return at;
    } else {
      ++at;
      continue;
    }
    if (level == 0) return at;
  }
  return at;
}

}  // namespace

bool IsShallow(std::string_view json) {
  size_t level = 0;
  for (size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = SkipString(json, at);
      continue;
    }
    if ((json[at] == '{' || json[at] == '[') && ++level > kMostJsonLevels) return false;
    if ((json[at] == '}' || json[at] == ']') && level > 0) --level;
    ++at;
  }
  return true;
}

std::vector<std::string_view> ElementsOf(std::string_view array) {
  std::vector<std::string_view> elements;
  size_t at = SkipSpace(array, SkipSpace(array, 0) + 1);
  while (at < array.size() && array[at] != ']') {
    const size_t end = SkipValue(array, at);
    elements.push_back(array.substr(at, end - at));
    at = SkipSpace(array, end);
    if (at < array.size() && array[at] == ',') at = SkipSpace(array, at + 1);
  }
  return elements;
}

std::string_view MemberOf(std::string_view object, std::string_view name) {
  std::string_view found;
  size_t at = SkipSpace(object, SkipSpace(object, 0) + 1);
  while (at < object.size() && object[at] == '"') {
    const size_t key_end = SkipString(object, at);
    const std::string_view key = object.substr(at + 1, key_end - at - 2);
    const size_t begin = SkipSpace(object, SkipSpace(object, key_end) + 1);  // behind the colon
    const size_t end = SkipValue(object, begin);
    if (key == name) found = object.substr(begin, end - begin);
    at = SkipSpace(object, end);
    if (at < object.size() && object[at] == ',') at = SkipSpace(object, at + 1);
  }
  return found;
}

}  // namespace freshet::push
