// How each type of option is read, written and described. Behind common/config/options.h; look there first.
//
//   OptionType<Duration>::Decode(node, out, problems);   // false and a problem added where the node is no duration
//   OptionType<Duration>::Encode(5min)                   // the node "5m"
//   OptionType<Duration>::Describe()                     // TypeInfo{kDuration}
//
// A new type of option is one more specialisation.
#pragma once

#include <concepts>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/config/option_table.h"
#include "common/config/problems.h"
#include "common/config/type_info.h"

namespace freshet {

template <class T>
struct OptionType;

// The parts that need no template.
bool DecodeText(const ConfigNode& node, std::string& out, Problems& problems);
bool DecodeBool(const ConfigNode& node, bool& out, Problems& problems);
bool DecodeSigned(const ConfigNode& node, int64_t& out, Problems& problems);
bool DecodeUnsigned(const ConfigNode& node, uint64_t& out, Problems& problems);
bool DecodeNumber(const ConfigNode& node, double& out, Problems& problems);
bool DecodeDuration(const ConfigNode& node, Duration& out, Problems& problems);
bool DecodeByteSize(const ConfigNode& node, ByteSize& out, Problems& problems);
bool DecodePath(const ConfigNode& node, std::filesystem::path& out, Problems& problems);
// The index of the node's text in `names`, or -1.
int DecodeEnum(const ConfigNode& node, const std::vector<std::string_view>& names, Problems& problems);
std::string FormatNumber(double number);

// True where the node is of this kind or null (an empty value); adds the problem otherwise.
bool ExpectList(const ConfigNode& node, Problems& problems);
bool ExpectMap(const ConfigNode& node, Problems& problems);

template <>
struct OptionType<std::string> {
  static bool Decode(const ConfigNode& node, std::string& out, Problems& problems) {
    return DecodeText(node, out, problems);
  }
  static ConfigNode Encode(const std::string& value) { return ConfigNode::Text(value); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kText}; }
};

template <class Tag>
struct OptionType<StrongString<Tag>> {
  static bool Decode(const ConfigNode& node, StrongString<Tag>& out, Problems& problems) {
    return DecodeText(node, out.value, problems);
  }
  static ConfigNode Encode(const StrongString<Tag>& value) { return ConfigNode::Text(value.value); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kText}; }
};

template <>
struct OptionType<std::filesystem::path> {
  static bool Decode(const ConfigNode& node, std::filesystem::path& out, Problems& problems) {
    return DecodePath(node, out, problems);
  }
  static ConfigNode Encode(const std::filesystem::path& value) { return ConfigNode::Text(value.string()); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kPath}; }
};

template <>
struct OptionType<bool> {
  static bool Decode(const ConfigNode& node, bool& out, Problems& problems) { return DecodeBool(node, out, problems); }
  static ConfigNode Encode(bool value) { return ConfigNode::Plain(value ? "true" : "false"); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kBool}; }
};

template <std::integral T>
requires(!std::same_as<T, bool>) struct OptionType<T> {
  static bool Decode(const ConfigNode& node, T& out, Problems& problems) {
    std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t> wide = 0;
    bool read = false;
    if constexpr (std::is_signed_v<T>) {
      read = DecodeSigned(node, wide, problems);
    } else {
      read = DecodeUnsigned(node, wide, problems);
    }
    if (!read) return false;
    if (!std::in_range<T>(wide)) {
      problems.Add(node, "is too large a number");
      return false;
    }
    out = static_cast<T>(wide);
    return true;
  }
  static ConfigNode Encode(T value) { return ConfigNode::Plain(std::to_string(value)); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kInteger}; }
};

template <>
struct OptionType<double> {
  static bool Decode(const ConfigNode& node, double& out, Problems& problems) {
    return DecodeNumber(node, out, problems);
  }
  static ConfigNode Encode(double value) { return ConfigNode::Plain(FormatNumber(value)); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kNumber}; }
};

template <>
struct OptionType<Duration> {
  static bool Decode(const ConfigNode& node, Duration& out, Problems& problems) {
    return DecodeDuration(node, out, problems);
  }
  static ConfigNode Encode(Duration value) { return ConfigNode::Plain(FormatDuration(value)); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kDuration}; }
};

template <>
struct OptionType<ByteSize> {
  static bool Decode(const ConfigNode& node, ByteSize& out, Problems& problems) {
    return DecodeByteSize(node, out, problems);
  }
  static ConfigNode Encode(ByteSize value) { return ConfigNode::Plain(FormatByteSize(value)); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kByteSize}; }
};

template <HasEnumTable T>
struct OptionType<T> {
  static std::vector<std::string_view> Names() {
    std::vector<std::string_view> names;
    for (const auto& row : EnumTable<T>::names) names.push_back(row.name);
    return names;
  }
  static bool Decode(const ConfigNode& node, T& out, Problems& problems) {
    const int index = DecodeEnum(node, Names(), problems);
    if (index >= 0) out = EnumTable<T>::names[static_cast<size_t>(index)].value;
    return index >= 0;
  }
  static ConfigNode Encode(T value) {
    for (const auto& row : EnumTable<T>::names) {
      if (row.value == value) return ConfigNode::Plain(std::string(row.name));
    }
    return ConfigNode();
  }
  static TypeInfo Describe() {
    TypeInfo info{.kind = TypeInfo::Kind::kEnum};
    for (const std::string_view name : Names()) info.names.emplace_back(name);
    return info;
  }
};

// Decoded later, by whoever knows what it holds.
template <>
struct OptionType<ConfigNode> {
  static bool Decode(const ConfigNode& node, ConfigNode& out, Problems& problems) {
    if (!ExpectMap(node, problems)) return false;
    out = node;
    return true;
  }
  static ConfigNode Encode(const ConfigNode& value) { return value; }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kRaw}; }
};

template <class T>
struct OptionType<std::optional<T>> {
  static bool Decode(const ConfigNode& node, std::optional<T>& out, Problems& problems) {
    return OptionType<T>::Decode(node, out.emplace(), problems);
  }
  static ConfigNode Encode(const std::optional<T>& value) {
    return value ? OptionType<T>::Encode(*value) : ConfigNode();
  }
  static TypeInfo Describe() { return OptionType<T>::Describe(); }
};

template <class T>
struct OptionType<std::vector<T>> {
  static bool Decode(const ConfigNode& node, std::vector<T>& out, Problems& problems) {
    if (!ExpectList(node, problems)) return false;
    out.clear();
    bool good = true;
    for (const ConfigNode& item : node.items) good &= OptionType<T>::Decode(item, out.emplace_back(), problems);
    return good;
  }
  static ConfigNode Encode(const std::vector<T>& value) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::kList;
    for (const T& item : value) node.items.push_back(OptionType<T>::Encode(item));
    return node;
  }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kList, .element = {OptionType<T>::Describe()}}; }
};

template <class T>
struct OptionType<std::map<std::string, T>> {
  static bool Decode(const ConfigNode& node, std::map<std::string, T>& out, Problems& problems) {
    if (!ExpectMap(node, problems)) return false;
    out.clear();
    bool good = true;
    for (size_t i = 0; i < node.items.size(); ++i) {
      good &= OptionType<T>::Decode(node.items[i], out[node.keys[i]], problems);
    }
    return good;
  }
  static ConfigNode Encode(const std::map<std::string, T>& value) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::kMap;
    for (const auto& [key, item] : value) node.Add(key, OptionType<T>::Encode(item));
    return node;
  }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kMap, .element = {OptionType<T>::Describe()}}; }
};

}  // namespace freshet
