// One line of what a tap writes to standard output, as a message.
//
//   MessageReader reader(Protocol::kSinger);
//   FRESHET_ASSIGN_OR_RETURN(Message message, reader.Read(line));
//   message.stream, message.fields[0].name, message.fields[0].cell
//
//   singer   := SCHEMA | RECORD | STATE | ACTIVATE_VERSION                (github.com/singer-io/getting-started,
//   SPEC.md) airbyte  := RECORD | STATE | LOG | TRACE | ...                        (docs.airbyte.com, "Airbyte
//   Protocol")
//
// Numbers keep their digits, what is nested keeps its text. What is no message (a line that does not begin with '{', a
// type that says nothing of documents) is kIgnored. A record whose text is not UTF-8 is `broken`: its other columns are
// there. Codes: malformed_document (begins as a message, and is none), configuration (BATCH: records that lie
// elsewhere). Messages of codes hold no content. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/rows/row.h"
#include "connectors/singer/options.h"

namespace freshet::singer {

class JsonReader;

struct Field {
  std::string name;
  rows::Cell cell;
};

struct Column {
  std::string name;
  bool is_time = false;  // format: date-time
};

struct Message {
  enum class Kind : uint8_t {
    kSchema,
    kRecord,
    kState,
    kActivate,  // of these records those of another version are gone
    kFailed,    // the tap says that this run does not tell all
    kIgnored
  };
  Kind kind = Kind::kIgnored;
  std::string stream;
  std::vector<Column> columns;     // of a schema
  std::vector<std::string> keys;   // of a schema
  std::vector<Field> fields;       // of a record
  bool broken = false;             // of a record
  std::string state;               // JSON, as it was written
  std::string state_of;            // what it replaces: an Airbyte stream's; "": all
  std::optional<int64_t> version;  // of a record, of ACTIVATE_VERSION
  std::optional<Time> extracted;   // of a record
};

class MessageReader {
 public:
  explicit MessageReader(Protocol protocol);
  ~MessageReader();

  Result<Message> Read(std::string_view line);

 private:
  const Protocol protocol_;
  const std::unique_ptr<JsonReader> json_;
};

}  // namespace freshet::singer
