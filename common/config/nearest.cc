#include "common/config/nearest.h"

#include <algorithm>

namespace freshet {
namespace {

// Longer than any name: a longer one is near to none, and the distance would take a while.
constexpr size_t kMostBytes = 128;

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> rows(3, std::vector<size_t>(b.size() + 1));
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    const std::vector<size_t>& above = rows[(i - 1) % 3];
    const std::vector<size_t>& two_above = rows[(i + 1) % 3];
    std::vector<size_t>& row = rows[i % 3];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::optional<std::string_view> NearestName(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.size() > kMostBytes) return std::nullopt;
  std::optional<std::string_view> nearest;
  size_t least = 0;
  for (const std::string_view candidate : known) {
    const size_t distance = EditDistance(name, candidate);
    if (distance > std::max<size_t>(1, candidate.size() / 3)) continue;
    if (!nearest || distance < least) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

std::string Suggestion(std::string_view name, const std::vector<std::string_view>& known) {
  if (const auto nearest = NearestName(name, known)) return "; did you mean \"" + std::string(*nearest) + "\"?";
  if (known.empty()) return "; none is known here";
  std::string list;
  for (const std::string_view candidate : known) {
    list += (list.empty() ? "\"" : ", \"") + std::string(candidate) + '"';
  }
  return "; known: " + list;
}

}  // namespace freshet
