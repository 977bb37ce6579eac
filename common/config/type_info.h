// TypeInfo: an option struct described as data, from which help, README table and JSON Schema are made.
//
//   TypeInfo info = DescribeType<FolderOptions>();    // common/config/options.h
//   info.fields[0].name == "root"
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/config/node.h"

namespace freshet {

struct FieldInfo;

struct TypeInfo {
  enum class Kind : uint8_t {
    kBool,
    kInteger,
    kNumber,
    kText,
    kPath,
    kDuration,
    kByteSize,
    kEnum,
    kStruct,
    kList,
    kMap,
    kRaw,
  };

  Kind kind = Kind::kText;
  std::vector<std::string> names;  // of an enum
  std::vector<FieldInfo> fields;   // of a struct
  std::vector<TypeInfo> element;   // of a list or a map: exactly one
  std::string least, most;         // limits as options are written; empty: none
  bool name_only = false;          // text in the grammar of names
};

struct FieldInfo {
  std::string name;
  std::string help;
  bool required = false;
  bool secret = false;
  bool positional = false;
  TypeInfo type;
  ConfigNode default_value;  // null where there is none
};

// How help and tables call it: "duration", "list of text", "embedded \| kafka".
std::string NameOfType(const TypeInfo& type);

// Lower-case letters, digits, '-', '_' and '.', beginning with a letter or a digit, at most 64.
bool IsName(std::string_view text);
inline constexpr std::string_view kNamePattern = "^[a-z0-9][a-z0-9._-]{0,63}$";

}  // namespace freshet
