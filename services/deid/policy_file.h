// PolicyFile: a policy as a site writes it.
//
//   # research.yaml
//   name: research
//   version: 3
//   effective_time: shift                                  # keep | year | shift
//   default: {action: placeholder, threshold: 0.5}
//   identifiers:
//     name: {action: surrogate}                            # keep | remove | placeholder | surrogate | shift |
//     generalise date: {action: shift} zip: {action: generalise, threshold: 0.4}
//
//   FRESHET_ASSIGN_OR_RETURN(Policy policy, ParsePolicy(text, "research.yaml"));
//
// What a kind does not say is the default's. Unknown keys, unknown actions, and actions that a kind cannot have are
// refused: code configuration, all problems at once, each with file and line. Pure functions: any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "services/deid/policy.h"

namespace freshet::deid {

Result<Policy> ParsePolicy(std::string_view yaml, const std::string& file);
Result<Policy> LoadPolicy(const std::filesystem::path& file);

// The table of what may stand in a file, as Markdown.
std::string PolicyFileMarkdown();

}  // namespace freshet::deid
