// PostgreSQL's text of a value to a Cell (connectors/rows/row.h): one form whatever the session's settings gave.
//
//   CellOf(kBoolOid, "t")                       // "true"
//   CellOf(kTimestampTzOid, "2024-02-29 17:34:56.789012+00")  // "2024-02-29T17:34:56.789012Z"
//
// Expects DateStyle ISO, TimeZone UTC, bytea_output hex, which kSessionSettings sets on every connection. A text that
// is not in that form stays as it is. Pure: any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "connectors/rows/row.h"

namespace freshet::postgres {

inline constexpr uint32_t kBoolOid = 16, kByteaOid = 17, kTimestampOid = 1114, kTimestampTzOid = 1184;

// For `options=` of a connection.
inline constexpr const char* kSessionSettings =
    "-c datestyle=ISO -c timezone=UTC -c bytea_output=hex -c extra_float_digits=1 -c intervalstyle=iso_8601";

rows::Cell CellOf(uint32_t type, std::string_view text);

// The items of an array's text, nulls left out; nothing where it is no array of one dimension.
//   array := '{' '}' | '{' item (',' item)* '}'     item := '"' (char | '\' char)* '"' | NULL | chars
std::optional<std::vector<std::string>> ParseArray(std::string_view text);
// Whether a type, by its oid, is one of the built-in arrays.
bool IsArrayType(uint32_t type);

// A line of COPY … TO STDOUT (FORMAT text), without its end, to its fields; null for \N. False where it is none.
bool SplitCopyLine(std::string_view line, std::vector<std::optional<std::string>>& fields);

}  // namespace freshet::postgres
