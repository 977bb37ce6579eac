// Checks a JSON value against a schema of an OpenAPI file, and more strictly than JSON Schema would: a field that an
// object's schema does not name is a mistake, unless additionalProperties says what it is.
//
//   EXPECT_EQ(SchemaMistakes(answer, openapi, "#/components/schemas/Hit"), "");
//
// Knows what services/query/openapi.json uses: $ref, type, required, properties, additionalProperties, items, minItems,
// enum, const, anyOf, oneOf, minimum, maximum, minLength, maxLength, and ends the test program on anything else. Any
// thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace freshet::testing {

// "" or the places that are wrong, a line each.
std::string SchemaMistakes(const nlohmann::json& value, const nlohmann::json& openapi, const std::string& reference);
std::string SchemaMistakes(const nlohmann::json& value, const nlohmann::json& openapi, const nlohmann::json& schema);

}  // namespace freshet::testing
