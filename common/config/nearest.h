// "Did you mean ...?": the known name that a mistyped one is nearest to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

// Edits (insert, remove, replace, swap two neighbours) that turn one into the other: optimal string alignment.
size_t EditDistance(std::string_view a, std::string_view b);

// The nearest of the known names, where it is at most a third of its length (and at least one edit) away.
std::optional<std::string_view> NearestName(std::string_view name, const std::vector<std::string_view>& known);

// `; did you mean "root"?`, or `; known: "root", "settle"` where none is near.
std::string Suggestion(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace freshet
