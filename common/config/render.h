// A ConfigNode as text again: what `freshet config check --effective` prints, and the defaults in a JSON Schema.
//
//   ToYaml(EncodeOptions(site))
//
// A scalar that named references is written as it was in the file, never as what they stand for.
#pragma once

#include <string>

#include "common/config/node.h"

namespace freshet {

// Block style, one key a line, a newline at the end.
std::string ToYaml(const ConfigNode& node);

// One line. Text is a string; a plain scalar is a boolean or a number where it reads as one, else a string.
std::string ToJson(const ConfigNode& node);

}  // namespace freshet
