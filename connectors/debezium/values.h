// A value of a Debezium record to a Cell (connectors/rows/row.h): the same text as from PostgreSQL itself.
//
//   CellOf(19782, {.kind = ValueKind::kDate}, kUnavailable)              // "2024-02-29"
//   CellOf("B1vNFQ==", {.kind = ValueKind::kDecimal, .scale = 4}, ...)   // "12345.6789"
//
// Types come from the record's schema (TypeOf: the names that Debezium and Kafka Connect give), else from the option
// `types`. A value that is not what its type says stays as it is written ("NaN" of a numeric). Sources of the
// encodings: Debezium's documentation of its PostgreSQL connector, "Data type mappings"; java.math.BigInteger's byte
// array is two's complement, big-endian. Pure: any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/rows/row.h"

namespace freshet::debezium {

// Keeps the order of columns.
using Json = nlohmann::ordered_json;

enum class ValueKind : uint8_t {
  kPlain,
  kDate,  // days since 1970
  kTimeMillis,
  kTimeMicros,
  kTimeNanos,
  kTimestampMillis,
  kTimestampMicros,
  kTimestampNanos,
  kZonedTimestamp,
  kDecimal,          // base64 of the unscaled number
  kVariableDecimal,  // {scale, value}
  kBytes,            // base64
};

struct ValueType {
  ValueKind kind = ValueKind::kPlain;
  uint32_t scale = 0;
  bool operator==(const ValueType&) const = default;
};

// date | time | timestamp | zoned_timestamp | decimal(scale) | variable_decimal | bytes
std::optional<ValueType> ParseValueType(std::string_view text);

// Of a field of a schema.
ValueType TypeOf(const Json& field);

// `unavailable` is what stands for a value that did not travel.
rows::Cell CellOf(const Json& value, const ValueType& type, std::string_view unavailable);

// A two's complement number, big-endian, with so many digits behind the point. Nothing where it is longer than 1 KiB.
std::optional<std::string> DecimalText(std::string_view big_endian, int64_t scale);

}  // namespace freshet::debezium
