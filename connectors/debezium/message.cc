#include "connectors/debezium/message.h"

namespace freshet::debezium {
namespace {

constexpr int kMostNesting = 100;
// Positions are bytes of a log: none is longer than an exabyte, and what is derived from them stays a number.
constexpr uint64_t kMostPosition = uint64_t{1} << 60;

struct Payload {
  const Json* schema = nullptr;  // null: it came without
  const Json* value = nullptr;
};

std::optional<Json> ParseJson(std::string_view text) {
  bool deep = false;
  const auto guard = [&deep](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > kMostNesting;
    return !deep;
  };
  Json json = Json::parse(text, guard, false);
  if (json.is_discarded() || deep) return std::nullopt;
  return json;
}

Payload PayloadOf(const Json& json) {
  const bool wrapped = json.is_object() && json.size() == 2 && json.contains("schema") && json.contains("payload");
  if (!wrapped) return {.value = &json};
  return {.schema = json["schema"].is_object() ? &json["schema"] : nullptr, .value = &json["payload"]};
}

const Json* Member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string TextOf(const Json& object, const char* name) {
  const Json* const value = Member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::optional<uint64_t> NumberOf(const Json& object, const char* name) {
  const Json* const value = Member(object, name);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() ? value->get<uint64_t>() >= kMostPosition : value->get<int64_t>() < 0) {
    return std::nullopt;
  }
  return value->get<uint64_t>();
}

std::optional<Time> TimeOf(const Json& object, const char* micros, const char* millis) {
  constexpr uint64_t kMostMicros = 253'402'300'799'000'000;  // the end of the year 9999
  auto time = NumberOf(object, micros);
  if (!time) {
    time = NumberOf(object, millis);
    if (time) *time = std::min(*time, kMostMicros) * 1000;
  }
  if (!time || *time > kMostMicros) return std::nullopt;
  return FromMicros(static_cast<int64_t>(*time));
}

// The schema of a struct's field.
const Json* FieldSchema(const Json* schema, std::string_view name) {
  const Json* const fields = schema == nullptr ? nullptr : Member(*schema, "fields");
  if (fields == nullptr || !fields->is_array()) return nullptr;
  for (const Json& field : *fields) {
    if (TextOf(field, "field") == name) return &field;
  }
  return nullptr;
}

Fields FieldsOf(const Json& row, const Json* schema) {
  Fields fields;
  for (const auto& [name, value] : row.items()) {
    const Json* const field = FieldSchema(schema, name);
    fields.push_back({name, value, field == nullptr ? ValueType{} : TypeOf(*field)});
  }
  return fields;
}

std::optional<uint32_t> LowHalfOf(const Json& object, const char* name) {
  const auto number = NumberOf(object, name);
  return number ? std::optional(static_cast<uint32_t>(*number)) : std::nullopt;
}

void ReadSource(const Json& source, Message& message) {
  const std::string schema = TextOf(source, "schema"), table = TextOf(source, "table");
  // Databases without schemas have their database's name there.
  const std::string space = schema.empty() ? TextOf(source, "db") : schema;
  if (!table.empty()) message.table = space + "." + table;
  const std::string snapshot = TextOf(source, "snapshot");
  message.snapshot = !snapshot.empty() && snapshot != "false";
  message.lsn = NumberOf(source, "lsn");
  message.transaction = LowHalfOf(source, "txId");
  message.committed = TimeOf(source, "ts_us", "ts_ms");
  const std::optional<Json> sequence = ParseJson(TextOf(source, "sequence"));
  if (!sequence || !sequence->is_array() || sequence->empty() || !(*sequence)[0].is_string()) return;
  const std::string& digits = (*sequence)[0].get_ref<const std::string&>();
  const bool number = !digits.empty() && digits.size() < 19 && digits.find_first_not_of("0123456789") == digits.npos;
  if (number) message.last_commit = std::min(kMostPosition - 1, static_cast<uint64_t>(std::stoull(digits)));
}

std::optional<Fields> RowOf(const Payload& payload, const char* name) {
  const Json* const row = Member(*payload.value, name);
  if (row == nullptr || !row->is_object()) return std::nullopt;
  return FieldsOf(*row, FieldSchema(payload.schema, name));
}

Message::Kind KindOf(const Message& message, const std::string& op) {
  using Kind = Message::Kind;
  if (op == "m") return Kind::kWitness;
  if (message.table.empty()) return Kind::kMalformed;
  if (op == "t") return Kind::kTruncate;
  if (op == "d") return message.before || !message.key.empty() ? Kind::kDelete : Kind::kMalformed;
  const bool row = op == "c" || op == "u" || op == "r";
  return row && message.after ? Kind::kRow : Kind::kMalformed;
}

void ReadEnvelope(const Payload& payload, Message& message) {
  const Json* const source = Member(*payload.value, "source");
  if (source == nullptr) return;
  ReadSource(*source, message);
  message.before = RowOf(payload, "before");
  message.after = RowOf(payload, "after");
  message.kind = KindOf(message, TextOf(*payload.value, "op"));
}

void ReadFlattened(const Payload& payload, Message& message) {
  const Json& row = *payload.value;
  const std::string op = TextOf(row, "__op");
  message.lsn = NumberOf(row, "__lsn");
  message.transaction = LowHalfOf(row, "__txId");
  message.committed = TimeOf(row, "__source_ts_us", "__source_ts_ms");
  message.snapshot = op == "r";
  Fields fields = FieldsOf(row, payload.schema);
  std::erase_if(fields, [](const Field& field) { return field.name.starts_with("__"); });
  const bool gone = op == "d" || TextOf(row, "__deleted") == "true";
  const bool known = gone || op == "c" || op == "u" || op == "r";
  (gone ? message.before : message.after) = std::move(fields);
  message.kind = !known ? Message::Kind::kMalformed : gone ? Message::Kind::kDelete : Message::Kind::kRow;
}

}  // namespace

Message ReadMessage(std::string_view key, const std::optional<std::string>& value) {
  Message message;
  const std::optional<Json> names = key.empty() ? std::nullopt : ParseJson(key);
  if (names) {
    const Payload payload = PayloadOf(*names);
    if (payload.value->is_object()) message.key = FieldsOf(*payload.value, payload.schema);
  }
  if (!value) {
    message.kind = Message::Kind::kTombstone;
    return message;
  }
  const std::optional<Json> json = ParseJson(*value);
  if (!json) return message;
  const Payload payload = PayloadOf(*json);
  if (Member(*payload.value, "source") != nullptr && Member(*payload.value, "op") != nullptr) {
    ReadEnvelope(payload, message);
  } else if (Member(*payload.value, "__op") != nullptr || Member(*payload.value, "__deleted") != nullptr) {
    ReadFlattened(payload, message);
  } else if (Member(*payload.value, "status") != nullptr && Member(*payload.value, "id") != nullptr) {
    // A begin's time is that of the commit too, whose rows are still to come.
    message.committed =
        TextOf(*payload.value, "status") == "END" ? TimeOf(*payload.value, "ts_us", "ts_ms") : std::nullopt;
    message.kind = Message::Kind::kWitness;
  } else if (payload.value->is_object() && payload.value->size() == 1 && payload.value->contains("ts_ms")) {
    message.committed = TimeOf(*payload.value, "ts_us", "ts_ms");
    message.kind = Message::Kind::kHeartbeat;
  }
  return message;
}

}  // namespace freshet::debezium
