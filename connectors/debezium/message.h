// Message: what one record of a Debezium topic says, whatever form it has.
//
//   Message message = ReadMessage(key_bytes, value_bytes);
//   message.kind == Message::Kind::kRow, message.table == "public.note", message.after["body"]
//
// Forms (Debezium 2 and 3, JsonConverter with or without schemas.enable):
//   envelope    := {before, after, source, op, transaction, ts_ms}     op: c u r d t m
//   flattened   := the row, with __op, __deleted, __lsn, __source_ts_ms   (ExtractNewRecordState, add.fields)
//   transaction := {status, id, event_count, data_collections, ts_ms}
//   heartbeat   := {ts_ms}
//   with schema := {schema, payload}
// What an unknown form or unknown op says is kMalformed. Pure: any thread. Takes memory of a small multiple of the
// record's size; a nesting deeper than 100 is malformed.
#pragma once

#include <map>

#include "common/base/clock.h"
#include "connectors/debezium/values.h"

namespace freshet::debezium {

struct Field {
  std::string name;
  Json value;
  ValueType type;
};
using Fields = std::vector<Field>;

struct Message {
  enum class Kind : uint8_t {
    kRow,        // created, updated, read by a snapshot
    kDelete,     //
    kTruncate,   //
    kTombstone,  // no value: what the key names is gone, as its delete said before
    kWitness,    // of a commit, and nothing else
    kHeartbeat,  // Debezium's own
    kMalformed,
  };
  Kind kind = Kind::kMalformed;
  std::string table;  // schema.table; empty where the record does not say (flattened, tombstones)
  Fields key;         // empty: the table has none
  std::optional<Fields> before, after;
  bool snapshot = false;
  std::optional<uint64_t> lsn;
  std::optional<uint64_t> last_commit;  // where the commit before this change ends; flattened records do not say
  std::optional<Time> committed;
  std::optional<uint32_t> transaction;  // the low half of its number
};

// A record without a key, or without a value, has an empty one.
Message ReadMessage(std::string_view key, const std::optional<std::string>& value);

}  // namespace freshet::debezium
