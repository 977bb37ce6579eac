#include "common/config/describe.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "common/config/render.h"

namespace freshet {
namespace {

constexpr size_t kHelpColumns = 100;

struct Row {
  std::string path;
  const FieldInfo* field;
};

// The fields of a struct and of the structs within it, in the table's order.
void Collect(const TypeInfo& type, const std::string& prefix, std::vector<Row>& rows) {
  switch (type.kind) {
    case TypeInfo::Kind::kStruct:
      for (const FieldInfo& field : type.fields) {
        const std::string path = JoinPath(prefix, field.name);
        rows.push_back({path, &field});
        Collect(field.type, path, rows);
      }
      break;
    case TypeInfo::Kind::kList:
      Collect(type.element[0], prefix + "[]", rows);
      break;
    case TypeInfo::Kind::kMap:
      Collect(type.element[0], prefix + ".<name>", rows);
      break;
    default:
      break;
  }
}

std::vector<Row> RowsOf(const TypeInfo& type) {
  std::vector<Row> rows;
  Collect(type, "", rows);
  return rows;
}

bool IsStruct(const TypeInfo& type) {
  return type.kind == TypeInfo::Kind::kStruct || (!type.element.empty() && IsStruct(type.element[0]));
}

std::string TypeWithLimits(const FieldInfo& field) {
  std::string text = NameOfType(field.type);
  if (!field.type.least.empty()) text += ", " + field.type.least + " to " + field.type.most;
  if (field.secret) text += ", secret (a reference)";
  return text;
}

// "" where there is none to tell: a struct's is in its own rows.
std::string DefaultOf(const FieldInfo& field) {
  if (field.required) return "required";
  if (field.default_value.is_null() || IsStruct(field.type)) return "";
  if (field.default_value.is_scalar()) return field.default_value.text;
  return field.default_value.items.empty() ? "" : ToJson(field.default_value);
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string Wrapped(const std::string& text, const std::string& indent) {
  std::istringstream words(text);
  std::string out, line, word;
  while (words >> word) {
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kHelpColumns) {
      out += indent + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + indent + line + "\n";
}

}  // namespace

std::string NameOfType(const TypeInfo& type) {
  using Kind = TypeInfo::Kind;
  static const std::map<Kind, std::string> kNames = {
      {Kind::kBool, "true or false"},
      {Kind::kInteger, "whole number"},
      {Kind::kNumber, "number"},
      {Kind::kText, "text"},
      {Kind::kPath, "path"},
      {Kind::kDuration, "duration"},
      {Kind::kByteSize, "size"},
      {Kind::kStruct, "options"},
      {Kind::kRaw, "options of its own"},
  };
  if (type.name_only) return "name";
  if (type.kind == Kind::kList) return "list of " + NameOfType(type.element[0]);
  if (type.kind == Kind::kMap) return "map of name to " + NameOfType(type.element[0]);
  if (type.kind != Kind::kEnum) return kNames.at(type.kind);
  std::string names;
  for (const std::string& name : type.names) names += (names.empty() ? "" : " | ") + name;
  return names;
}

bool IsName(std::string_view text) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > 64 || !is_plain(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return is_plain(c) || c == '-' || c == '_' || c == '.'; });
}

std::string HelpText(const TypeInfo& type) {
  std::string text;
  for (const Row& row : RowsOf(type)) {
    const std::string default_value = DefaultOf(*row.field);
    text += "  " + row.path + "  (" + TypeWithLimits(*row.field);
    if (row.field->required) text += ", required";
    if (!row.field->required && !default_value.empty()) text += ", default " + default_value;
    text += ")\n" + Wrapped(row.field->help, "      ");
  }
  return text;
}

std::string MarkdownTable(const TypeInfo& type) {
  std::string table = "| option | type | default | what it does |\n|---|---|---|---|\n";
  for (const Row& row : RowsOf(type)) {
    const std::string default_value = DefaultOf(*row.field);
    const bool code = !default_value.empty() && !row.field->required;
    table += "| `" + row.path + "` | " + Escaped(TypeWithLimits(*row.field)) + " | ";
    table += code ? "`" + Escaped(default_value) + "`" : default_value;
    table += " | " + Escaped(row.field->help) + " |\n";
  }
  return table;
}

}  // namespace freshet
