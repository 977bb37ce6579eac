// YAML as configuration: a bounded reader that keeps lines.
//
//   Result<ConfigNode> site = LoadConfigFile("freshet.yaml");                  // references resolved
//   Result<ConfigNode> access = ParseYaml(bytes, {.name = "_access.yaml"});    // never resolves references
//
// Limits: 1 MiB of text, 64 levels, 50,000 values (aliases count as what they stand for); one document; keys are plain
// scalars and occur once. Every error is configuration and has file and line; none holds a value. Safe for text of any
// origin, as ParseYaml reads no file and no environment. Any thread.
#pragma once

#include <filesystem>
#include <string_view>

#include "common/config/node.h"
#include "common/config/reference.h"

namespace freshet {

Result<ConfigNode> ParseYaml(std::string_view text, ConfigOrigin origin);

// Reads, parses, resolves (common/config/reference.h). A file that cannot be read is configuration too.
Result<ConfigNode> LoadConfigFile(const std::filesystem::path& file,
                                  const Environment& environment = ProcessEnvironment());

}  // namespace freshet
