// Options as plain structs: one table each (common/config/option_table.h), and everything else made from it.
//
//   FRESHET_ASSIGN_OR_RETURN(ConfigNode node, LoadConfigFile("freshet.yaml"));
//   FRESHET_ASSIGN_OR_RETURN(SiteConfig site, ParseOptions<SiteConfig>(node));
//   OptionsHelp<SiteConfig>();  OptionsMarkdown<SiteConfig>();  OptionsSchema<SiteConfig>("freshet.yaml");
//   ToYaml(EncodeOptions(site));
//
// Parsing tells every problem at once, a line each, as code configuration: unknown keys (with the nearest known one),
// wrong types, values out of range, missing ones, secrets written out. Messages have file and line, never a value.
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include "common/config/describe.h"
#include "common/config/option_type.h"

namespace freshet {

namespace internal {

// What a field's flags ask of the node that it is read from.
bool CheckSecret(const ConfigNode& node, Problems& problems);
bool CheckNotEmpty(const ConfigNode& node, Problems& problems);
bool CheckName(const ConfigNode& node, Problems& problems);
void CheckKnownKeys(const ConfigNode& map, const std::vector<std::string_view>& known, Problems& problems);
// Every scalar of a secret's value as "***".
ConfigNode Masked(ConfigNode node);

template <class Struct, class T>
bool CheckRange(const Field<Struct, T>& field, const T& value, const ConfigNode& node, Problems& problems) {
  if constexpr (Limitable<T>) {
    if (!field.limited || (value >= field.least && value <= field.most)) return true;
    problems.Add(node, "must be between " + OptionType<T>::Encode(field.least).text + " and " +
                           OptionType<T>::Encode(field.most).text);
    return false;
  }
  return true;
}

template <class Struct, class T>
bool DecodeField(const Field<Struct, T>& field, const ConfigNode& map, Struct& out, Problems& problems) {
  const ConfigNode* const node = map.Find(field.name);
  if (node == nullptr) {
    if (field.required) problems.Add(map, "lacks \"" + std::string(field.name) + "\", which has no default");
    return !field.required;
  }
  if (field.secret && !CheckSecret(*node, problems)) return false;
  if (field.required && !CheckNotEmpty(*node, problems)) return false;
  if (!OptionType<T>::Decode(*node, out.*field.member, problems)) return false;
  if (field.name_only && !CheckName(*node, problems)) return false;
  return CheckRange(field, out.*field.member, *node, problems);
}

template <class Struct, class T>
FieldInfo DescribeField(const Field<Struct, T>& field) {
  FieldInfo info{.name = std::string(field.name),
                 .help = std::string(field.help),
                 .required = field.required,
                 .secret = field.secret,
                 .positional = field.positional,
                 .type = OptionType<T>::Describe()};
  info.type.name_only = field.name_only;
  if constexpr (Limitable<T>) {
    if (field.limited) {
      info.type.least = OptionType<T>::Encode(field.least).text;
      info.type.most = OptionType<T>::Encode(field.most).text;
    }
  }
  const bool defaulted = !field.required && !field.secret;
  if (defaulted) info.default_value = OptionType<T>::Encode(Struct{}.*field.member);
  return info;
}

}  // namespace internal

// A nested struct of options.
template <HasOptionTable T>
struct OptionType<T> {
  static bool Decode(const ConfigNode& node, T& out, Problems& problems) {
    if (!ExpectMap(node, problems)) return false;
    return std::apply(
        [&](const auto&... field) {
          internal::CheckKnownKeys(node, std::vector<std::string_view>{field.name...}, problems);
          return static_cast<bool>((true & ... & internal::DecodeField(field, node, out, problems)));
        },
        OptionTable<T>::fields);
  }
  static ConfigNode Encode(const T& value) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::kMap;
    const auto add = [&](const auto& field) {
      ConfigNode item = OptionType<std::decay_t<decltype(value.*field.member)>>::Encode(value.*field.member);
      node.Add(std::string(field.name), field.secret ? internal::Masked(std::move(item)) : std::move(item));
    };
    std::apply([&](const auto&... field) { (add(field), ...); }, OptionTable<T>::fields);
    return node;
  }
  static TypeInfo Describe() {
    return {.kind = TypeInfo::Kind::kStruct,
            .fields = std::apply(
                [](const auto&... field) { return std::vector<FieldInfo>{internal::DescribeField(field)...}; },
                OptionTable<T>::fields)};
  }
};

// T may be a struct with an OptionTable or a list or map of them. A null node is an empty one: all defaults.
template <class T>
Result<T> ParseOptions(const ConfigNode& node) {
  T options{};
  Problems problems;
  OptionType<T>::Decode(node, options, problems);
  FRESHET_RETURN_IF_ERROR(problems.ToStatus());
  return options;
}

// What is in force, defaults included, secrets as "***".
template <class T>
ConfigNode EncodeOptions(const T& options) {
  return OptionType<T>::Encode(options);
}

template <class T>
TypeInfo DescribeOptions() {
  return OptionType<T>::Describe();
}

// Text for a terminal, one option a paragraph.
template <class T>
std::string OptionsHelp() {
  return HelpText(DescribeOptions<T>());
}

// The README's table; a test in the folder compares the two.
template <class T>
std::string OptionsMarkdown() {
  return MarkdownTable(DescribeOptions<T>());
}

// JSON Schema, draft 2020-12, for editors and Helm.
template <class T>
std::string OptionsSchema(std::string_view title) {
  return JsonSchema(DescribeOptions<T>(), title);
}

}  // namespace freshet
