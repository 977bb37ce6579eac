#include "connectors/singer/message.h"

#include "common/base/utf8.h"
#include "connectors/singer/json_reader.h"

namespace freshet::singer {
namespace {

using rows::Cell;
using Kind = Message::Kind;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr int64_t kMostMillis = 253'402'300'800'000;  // the year 10000

Status Malformed() { return Status(Code::kMalformedDocument, "A line that begins as a message and is none"); }

// Bytes that are no UTF-8 replaced, so that the rest of a record can be read.
std::string Mended(std::string_view bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size();) {
    size_t length = 1;
    while (length < 4 && at + length <= bytes.size() && !IsValidUtf8(bytes.substr(at, length))) ++length;
    const bool good = at + length <= bytes.size() && IsValidUtf8(bytes.substr(at, length));
    text += good ? bytes.substr(at, length) : kReplacement;
    at += good ? length : 1;
  }
  return text;
}

// One line on its way to a message.
class LineReader {
 public:
  LineReader(JsonReader& json, Message& out) : json_(json), out_(out) {}

  Status Singer(const Members& members) {
    const std::string type = json_.TextOf(members, "type");
    out_.stream = json_.TextOf(members, "stream");
    out_.version = NumberOf(RawOf(members, "version"));
    if (type == "BATCH") {
      return Status(Code::kConfiguration, "The tap writes BATCH messages: have it write records");
    }
    if (type == "SCHEMA") return Schema(members);
    if (type == "RECORD") {
      const Result<Time> extracted = ParseTime(json_.TextOf(members, "time_extracted"));
      if (extracted.ok()) out_.extracted = *extracted;
      return Record(RawOf(members, "record"));
    }
    if (type == "STATE") {
      out_.kind = Kind::kState;
      out_.state = RawOf(members, "value");
      return out_.state.empty() ? Malformed() : OkStatus();
    }
    if (type == "ACTIVATE_VERSION" && out_.version) out_.kind = Kind::kActivate;
    return OkStatus();
  }

  Status Airbyte(const Members& members) {
    const std::string type = json_.TextOf(members, "type");
    Members inner;
    const char* const name = type == "RECORD" ? "record" : type == "STATE" ? "state" : "trace";
    if (type != "RECORD" && type != "STATE" && type != "TRACE") return OkStatus();
    const std::string_view raw = RawOf(members, name);
    if (!json_.ReadMembers(raw, inner)) return Malformed();
    if (type == "STATE") return AirbyteState(raw, inner);
    if (type == "TRACE") return Trace(inner);
    out_.stream = json_.TextOf(inner, "stream");
    const std::optional<int64_t> millis = NumberOf(RawOf(inner, "emitted_at"));
    if (millis && *millis < kMostMillis) out_.extracted = FromMicros(*millis * 1000);
    return Record(RawOf(inner, "data"));
  }

 private:
  Status Schema(const Members& members) {
    out_.kind = Kind::kSchema;
    Members schema;
    if (!json_.ReadMembers(RawOf(members, "schema"), schema)) return Malformed();
    std::vector<std::pair<std::string, std::string_view>> properties;
    const std::string_view raw = RawOf(schema, "properties");
    const bool good = raw.empty() || json_.EachMember(raw, [&](const std::string& name, JsonValue member) {
      properties.emplace_back(name, RawOf(member));
      return true;
    });
    if (!good) return Malformed();
    for (const auto& [name, property] : properties) {
      Members parts;
      (void)json_.ReadMembers(property, parts);  // may be `true`, which allows anything
      out_.columns.push_back({.name = name, .is_time = json_.TextOf(parts, "format") == "date-time"});
    }
    return Keys(RawOf(members, "key_properties"));
  }

  // As a member of an object, which is what can be read.
  Status Keys(std::string_view raw) {
    if (raw.empty() || raw == "null") return OkStatus();
    const std::string object = "{\"keys\":" + std::string(raw) + "}" + std::string(simdjson::SIMDJSON_PADDING, ' ');
    std::optional<Cell> keys;
    const size_t size = object.size() - simdjson::SIMDJSON_PADDING;
    (void)json_.EachMember(std::string_view(object).substr(0, size), [&](const std::string&, JsonValue member) {
      keys = CellOf(member);
      return true;
    });
    if (!keys || !keys->is_list) return Malformed();
    out_.keys = keys->items;
    return OkStatus();
  }

  Status Record(std::string_view raw) {
    out_.kind = Kind::kRecord;
    const bool good = json_.EachMember(raw, [&](const std::string& name, JsonValue member) {
      std::optional<Cell> cell = CellOf(member);
      out_.broken |= !cell;
      if (cell) out_.fields.push_back({name, std::move(*cell)});
      return true;
    });
    return good && !out_.stream.empty() ? OkStatus() : Malformed();
  }

  Status AirbyteState(std::string_view raw, const Members& state) {
    out_.kind = Kind::kState;
    out_.state = raw;
    const std::string type = json_.TextOf(state, "type");
    if (type == "GLOBAL") out_.state = "[" + out_.state + "]";
    if (type == "GLOBAL") return OkStatus();
    if (type != "STREAM") {  // legacy: the state is its data
      out_.state = RawOf(state, "data");
      return out_.state.empty() ? Malformed() : OkStatus();
    }
    Members stream, descriptor;
    if (!json_.ReadMembers(RawOf(state, "stream"), stream)) return Malformed();
    if (!json_.ReadMembers(RawOf(stream, "stream_descriptor"), descriptor)) return Malformed();
    out_.state_of = json_.TextOf(descriptor, "namespace") + "/" + json_.TextOf(descriptor, "name");
    return OkStatus();
  }

  Status Trace(const Members& trace) {
    Members status;
    if (json_.TextOf(trace, "type") == "ERROR") out_.kind = Kind::kFailed;
    if (!json_.ReadMembers(RawOf(trace, "stream_status"), status)) return OkStatus();
    if (json_.TextOf(status, "status") == "INCOMPLETE") out_.kind = Kind::kFailed;
    return OkStatus();
  }

  JsonReader& json_;
  Message& out_;
};

}  // namespace

MessageReader::MessageReader(Protocol protocol) : protocol_(protocol), json_(std::make_unique<JsonReader>()) {}
MessageReader::~MessageReader() = default;

Result<Message> MessageReader::Read(std::string_view line) {
  Message message;
  const size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos || line[begin] != '{') return message;
  message.broken = !IsValidUtf8(line);
  const simdjson::padded_string text(message.broken ? Mended(line) : std::string(line));
  Members members;
  if (!json_->ReadMembers(std::string_view(text), members)) return Malformed();
  LineReader reader(*json_, message);
  const Status read = protocol_ == Protocol::kSinger ? reader.Singer(members) : reader.Airbyte(members);
  if (!read.ok()) return read;
  return message;
}

}  // namespace freshet::singer
