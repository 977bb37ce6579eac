#include "services/query/testing/json_schema.h"

#include <cstdio>
#include <cstdlib>
#include <set>

namespace freshet::testing {
namespace {

using nlohmann::json;

class Checker {
 public:
  explicit Checker(const json& openapi) : openapi_(openapi) {}

  void Check(const json& value, const json& schema, const std::string& at) {
    if (schema.contains("$ref")) return Check(value, Resolve(schema["$ref"]), at);
    CheckKeywords(schema);
    if (!HasType(value, schema)) return Add(at, "is of another type");
    if (schema.contains("const") && schema["const"] != value) Add(at, "is another value");
    CheckEnum(value, schema, at);
    CheckLimits(value, schema, at);
    for (const char* keyword : {"anyOf", "oneOf"}) CheckChoice(value, schema, keyword, at);
    if (value.is_object()) CheckObject(value, schema, at);
    if (value.is_array()) CheckArray(value, schema, at);
  }

  std::string mistakes() const { return mistakes_; }

 private:
  void Add(const std::string& at, const std::string& what) { mistakes_ += at + " " + what + "\n"; }

  const json& Resolve(const std::string& reference) const {
    return openapi_.at(json::json_pointer(reference.substr(1)));
  }

  static void CheckKeywords(const json& schema) {
    static const std::set<std::string> kKnown = {"type",      "required",  "properties",  "additionalProperties",
                                                 "items",     "minItems",  "enum",        "const",
                                                 "anyOf",     "oneOf",     "minimum",     "maximum",
                                                 "minLength", "maxLength", "description", "default",
                                                 "format"};
    for (const auto& [keyword, ignored] : schema.items()) {
      if (kKnown.contains(keyword)) continue;
      std::fprintf(stderr, "json_schema: unknown keyword %s\n", keyword.c_str());
      std::abort();
    }
  }

  static bool IsOf(const json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
  }

  static bool HasType(const json& value, const json& schema) {
    if (!schema.contains("type")) return true;
    if (schema["type"].is_string()) return IsOf(value, schema["type"]);
    for (const json& type : schema["type"]) {
      if (IsOf(value, type)) return true;
    }
    return false;
  }

  void CheckEnum(const json& value, const json& schema, const std::string& at) {
    if (!schema.contains("enum")) return;
    for (const json& one : schema["enum"]) {
      if (one == value) return;
    }
    Add(at, "is none of the values");
  }

  void CheckLimits(const json& value, const json& schema, const std::string& at) {
    if (value.is_number() && schema.contains("minimum") && value < schema["minimum"]) Add(at, "is too small");
    if (value.is_number() && schema.contains("maximum") && value > schema["maximum"]) Add(at, "is too large");
    if (!value.is_string()) return;
    const size_t length = value.get<std::string>().size();
    if (schema.contains("minLength") && length < schema["minLength"].get<size_t>()) Add(at, "is too short");
    if (schema.contains("maxLength") && length > schema["maxLength"].get<size_t>()) Add(at, "is too long");
  }

  void CheckChoice(const json& value, const json& schema, const char* keyword, const std::string& at) {
    if (!schema.contains(keyword)) return;
    size_t fits = 0;
    for (const json& choice : schema[keyword]) {
      Checker one(openapi_);
      // A choice of required keys alone names no fields of its own.
      if (choice.contains("required") && choice.size() == 1) {
        one.CheckRequired(value, choice, at);
      } else {
        one.Check(value, choice, at);
      }
      fits += one.mistakes_.empty() ? 1 : 0;
    }
    if (fits == 0 || (fits > 1 && std::string(keyword) == "oneOf")) Add(at, std::string("does not fit ") + keyword);
  }

  void CheckRequired(const json& value, const json& schema, const std::string& at) {
    if (!schema.contains("required")) return;
    for (const json& key : schema["required"]) {
      if (!value.contains(key.get<std::string>())) Add(at, "lacks " + key.get<std::string>());
    }
  }

  void CheckObject(const json& value, const json& schema, const std::string& at) {
    CheckRequired(value, schema, at);
    const json properties = schema.value("properties", json::object());
    for (const auto& [key, item] : value.items()) {
      const std::string place = at + "/" + key;
      if (properties.contains(key)) {
        Check(item, properties[key], place);
      } else if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object()) {
        Check(item, schema["additionalProperties"], place);
      } else {
        Add(place, "is not described");
      }
    }
  }

  void CheckArray(const json& value, const json& schema, const std::string& at) {
    if (schema.contains("minItems") && value.size() < schema["minItems"].get<size_t>()) Add(at, "is too short");
    if (!schema.contains("items")) return;
    for (size_t i = 0; i < value.size(); ++i) Check(value[i], schema["items"], at + "/" + std::to_string(i));
  }

  const json& openapi_;
  std::string mistakes_;
};

}  // namespace

std::string SchemaMistakes(const json& value, const json& openapi, const json& schema) {
  Checker checker(openapi);
  checker.Check(value, schema, "");
  return checker.mistakes();
}

std::string SchemaMistakes(const json& value, const json& openapi, const std::string& reference) {
  return SchemaMistakes(value, openapi, json{{"$ref", reference}});
}

}  // namespace freshet::testing
