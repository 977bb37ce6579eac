// The one table that a struct of options has, from which all else follows: parser, help, README table, JSON Schema.
//
//   struct FolderOptions {
//     std::filesystem::path root;
//     Duration settle = 20ms;
//   };
//   template <> struct OptionTable<FolderOptions> {
//     static constexpr auto fields = std::tuple{
//         Field("root", &FolderOptions::root, "Directory to watch.").Required(),
//         Field("settle", &FolderOptions::settle, "A file is read when it has been still for so long.").Range(0ms,
//         10s)};
//   };
//
// A field's default is what its struct's initialiser gives it. Types: bool, integers, double, std::string, StrongString
// ids, std::filesystem::path (from the file's directory), Duration, ByteSize, enums with an EnumTable, structs with an
// OptionTable, std::vector, std::map<std::string, …> and std::optional of these, and ConfigNode for what somebody else
// decodes.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "common/base/clock.h"
#include "common/config/byte_size.h"

namespace freshet {

template <class Struct>
struct OptionTable;  // specialise with: static constexpr auto fields = std::tuple{Field(…), …};

template <class T>
concept HasOptionTable = requires {
  OptionTable<T>::fields;
};

// template <> struct EnumTable<LogKind> { static constexpr std::array names = {EnumName{"embedded",
// LogKind::kEmbedded}}; };
template <class Enum>
struct EnumName {
  std::string_view name;
  Enum value;
};
template <class Enum>
struct EnumTable;

template <class T>
concept HasEnumTable = requires {
  EnumTable<T>::names;
};

template <class T>
concept Limitable =
    (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) || std::is_same_v<T, Duration> || std::is_same_v<T, ByteSize>;

template <class Struct, class T>
class Field {
 public:
  struct NoLimit {};
  using Limit = std::conditional_t<Limitable<T>, T, NoLimit>;

  constexpr Field(std::string_view name, T Struct::*member, std::string_view help)
      : name(name), member(member), help(help) {}

  // There is no default: it must be given, and text not be empty.
  constexpr Field Required() const {
    Field field = *this;
    field.required = true;
    return field;
  }
  // A literal value is refused: only ${ENV:…} or ${FILE:…} may stand for it, and nothing prints it.
  constexpr Field Secret() const {
    Field field = *this;
    field.secret = true;
    return field;
  }
  // Both ends included.
  constexpr Field Range(Limit least, Limit most) const requires Limitable<T> {
    Field field = *this;
    field.limited = true;
    field.least = least;
    field.most = most;
    return field;
  }
  // Text in the grammar of names (kNamePattern).
  constexpr Field Name() const {
    Field field = *this;
    field.name_only = true;
    return field;
  }
  // On a command line: given without --name, by its place.
  constexpr Field Positional() const {
    Field field = *this;
    field.positional = true;
    return field;
  }

  std::string_view name;
  T Struct::*member;
  std::string_view help;
  bool required = false, secret = false, name_only = false, positional = false, limited = false;
  Limit least{}, most{};
};

}  // namespace freshet
