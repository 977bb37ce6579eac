// References in configuration values: secrets and paths that stand elsewhere.
//
//   tokens: "${FILE:tokens.yaml}"     url: "https://${ENV:HOST}:8443"
//
// reference := "${ENV:" NAME "}" | "${FILE:" path "}"       "$${" is a literal "${"
//
// A path is relative to the directory of the configuration file; one newline at the file's end is not part of the
// value. A file of more than 1 MiB is no value. What a reference stands for is not searched for references again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/config/node.h"

namespace freshet {

// Where ${ENV:NAME} looks; a test gives its own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment ProcessEnvironment();

// Replaces the references in all scalars below `node`; a replaced scalar is text and remembers how it was written.
// configuration, naming the reference and its place, never a value: not there, unreadable, or not in this grammar.
Status ResolveReferences(ConfigNode& node, const Environment& environment);

// True where the scalar is one reference and nothing else.
bool IsWholeReference(std::string_view written);

}  // namespace freshet
