// JSON Schema from a table of options. JSON Schema Core and Validation, draft 2020-12.
#include <charconv>
#include <nlohmann/json.hpp>

#include "common/config/describe.h"
#include "common/config/render.h"

namespace freshet {
namespace {

using Json = nlohmann::ordered_json;
using Kind = TypeInfo::Kind;

// Anywhere in a scalar, as references may stand anywhere in it.
constexpr std::string_view kReferencePattern = R"(\$\{(ENV|FILE):[^}]+\})";
constexpr std::string_view kWholeReferencePattern = R"(^\$\{(ENV|FILE):[^}]+\}$)";
constexpr std::string_view kDurationPattern = "^[0-9]+(us|ms|s|m|h|d)$";
constexpr std::string_view kByteSizePattern = "^[0-9]+(B|KiB|MiB|GiB|TiB)$";

Json SchemaOf(const TypeInfo& type);

Json OrReference(Json schema) { return {{"anyOf", {std::move(schema), {{"$ref", "#/$defs/reference"}}}}}; }

Json Limited(Json schema, const TypeInfo& type) {
  if (type.least.empty()) return schema;
  schema["minimum"] = Json::parse(type.least);
  schema["maximum"] = Json::parse(type.most);
  return schema;
}

Json SchemaOfField(const FieldInfo& field) {
  Json schema = field.secret ? Json{{"type", "string"}, {"pattern", kWholeReferencePattern}} : SchemaOf(field.type);
  schema["description"] = field.help;
  const bool own_default = !field.default_value.is_null() && field.type.kind != Kind::kStruct;
  if (own_default) schema["default"] = Json::parse(ToJson(field.default_value));
  return schema;
}

Json SchemaOfStruct(const TypeInfo& type) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const FieldInfo& field : type.fields) {
    properties[field.name] = SchemaOfField(field);
    if (field.required) required.push_back(field.name);
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json SchemaOf(const TypeInfo& type) {
  switch (type.kind) {
    case Kind::kBool:
      return OrReference({{"type", "boolean"}});
    case Kind::kInteger:
      return OrReference(Limited({{"type", "integer"}}, type));
    case Kind::kNumber:
      return OrReference(Limited({{"type", "number"}}, type));
    case Kind::kDuration:
      return OrReference({{"type", "string"}, {"pattern", kDurationPattern}});
    case Kind::kByteSize:
      return OrReference({{"type", "string"}, {"pattern", kByteSizePattern}});
    case Kind::kEnum:
      return OrReference({{"enum", type.names}});
    case Kind::kText:
      return type.name_only ? OrReference({{"type", "string"}, {"pattern", kNamePattern}}) : Json{{"type", "string"}};
    case Kind::kPath:
      return {{"type", "string"}};
    case Kind::kStruct:
      return SchemaOfStruct(type);
    case Kind::kList:
      return {{"type", "array"}, {"items", SchemaOf(type.element[0])}};
    case Kind::kMap:
      return {{"type", "object"}, {"additionalProperties", SchemaOf(type.element[0])}};
    case Kind::kRaw:
      break;
  }
  return {{"type", "object"}};
}

}  // namespace

std::string JsonSchema(const TypeInfo& type, std::string_view title) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  schema.update(SchemaOf(type));
  schema["$defs"]["reference"] = {{"type", "string"}, {"pattern", kReferencePattern}};
  return schema.dump(2) + "\n";
}

}  // namespace freshet
