// What a table of options says to people and to tools: help text, Markdown, JSON Schema.
#pragma once

#include <string>
#include <string_view>

#include "common/config/type_info.h"

namespace freshet {

// One option a paragraph: "  sources[].name  text, required" and its help below, wrapped at 100 columns.
std::string HelpText(const TypeInfo& type);

// | option | type | default | what it does |, nested options by their path: log.kind, sources[].name, groups.<name>.x.
std::string MarkdownTable(const TypeInfo& type);

// Draft 2020-12, indented by 2, a newline at the end. Where a value is expected, a reference is allowed as well.
std::string JsonSchema(const TypeInfo& type, std::string_view title);

}  // namespace freshet
