#include "services/deid/parse/markdown_guard.h"

#include <algorithm>
#include <cstdint>

namespace freshet::deid {
namespace {

constexpr size_t kMaxNesting = 100;
constexpr size_t kMaxColumns = 256;
constexpr uint64_t kMaxMarkerWork = 400'000'000;  // sum of squares

// How deep the containers that this line opens can be: its markers, and what its indentation may stand in.
size_t NestingOf(std::string_view line) {
  size_t markers = 0;
  size_t spaces = 0;
  size_t spaces_before_marker = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool spaced = i + 1 == line.size() || line[i + 1] == ' ' || line[i + 1] == '\t';
    if (c == ' ' || c == '\t') {
      spaces += c == '\t' ? 4 : 1;
    } else if (c == '>' || ((c == '-' || c == '*' || c == '+') && spaced)) {
      ++markers;
      spaces_before_marker = spaces;
    } else if ((c == '.' || c == ')') && spaced && i > 0) {
      ++markers;
      spaces_before_marker = spaces;
    } else if (c < '0' || c > '9') {
      break;
    }
  }
  return markers == 0 ? 0 : markers + spaces_before_marker / 2;
}

bool IsMarker(char c) {
  switch (c) {
    case '[':
    case ']':
    case '*':
    case '_':
    case '~':
    case '`':
    case '<':
    case '!':
    case '&':
      return true;
    default:
      return false;
  }
}

}  // namespace

bool IsTame(std::string_view markdown) {
  uint64_t work = 0;
  uint64_t markers = 0;  // since the last blank line
  for (size_t at = 0; at <= markdown.size();) {
    const size_t end = std::min(markdown.find('\n', at), markdown.size());
    const std::string_view line = markdown.substr(at, end - at);
    at = end + 1;
    if (NestingOf(line) > kMaxNesting) return false;
    if (static_cast<size_t>(std::count(line.begin(), line.end(), '|')) > kMaxColumns) return false;
    if (line.find_first_not_of(" \t") == std::string_view::npos) {
      work += markers * markers;
      markers = 0;
    }
    markers += static_cast<uint64_t>(std::count_if(line.begin(), line.end(), IsMarker));
  }
  return work + markers * markers <= kMaxMarkerWork;
}

}  // namespace freshet::deid
