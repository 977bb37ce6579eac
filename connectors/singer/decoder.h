// Decoder: messages of a tap to the events of its documents.
//
//   Decoder decoder(options, mapping, epoch);
//   FRESHET_RETURN_IF_ERROR(decoder.Take(message, committed));      // until decoder.is_full()
//   FRESHET_ASSIGN_OR_RETURN(std::vector<ChangeEvent> events, decoder.Drain());
//
// A stream is a table of the mapping (connectors/rows): its columns are its schema's, its key the schema's
// key_properties or the option `keys`. A record is a row; one whose `deleted` column holds something is a delete. What
// is said last of a record wins: versions are (epoch, count, 0), as taps have none of their own. Streams that nothing
// is mapped of are left out. Times of the schema's format date-time are written as PostgreSQL's are. Codes:
// configuration (a stream's schema does not fit the mapping; a record before its schema). One thread.
#pragma once

#include <map>
#include <string>

#include "connectors/rows/batch.h"
#include "connectors/rows/outbox.h"
#include "connectors/singer/message.h"

namespace freshet::singer {

class Decoder {
 public:
  // Options and mapping outlive this.
  Decoder(const SingerOptions& options, const rows::Mapping& mapping, uint64_t epoch);

  // configuration: what is known of streams before a tap runs does not fit the mapping.
  Status Check() const;
  // Of a schema or a record; of others nothing.
  Status Take(Message message, Time committed);
  bool is_full() const { return batch_.is_full(); }
  Result<std::vector<ChangeEvent>> Drain();
  // Above all that were handed out, below all that will be.
  Version NextVersion() { return {epoch_, ++count_, 0}; }

 private:
  struct StreamTable {
    std::shared_ptr<const rows::Table> table;
    std::vector<bool> is_time;  // by column
  };
  Status TakeSchema(const Message& message);
  Status TakeRecord(Message& message, Time committed);
  rows::Row RowOf(const StreamTable& stream, Message& message, bool key_only) const;
  std::vector<std::string> DocumentsOf(const rows::Row& row) const;
  void Refuse(const rows::Row& row, const rows::Stamp& stamp);

  const SingerOptions& options_;
  const rows::Mapping& mapping_;
  const uint64_t epoch_;
  uint64_t count_ = 0;
  std::map<std::string, std::set<std::string>> mapped_;  // stream -> the columns that the mapping names
  std::map<std::string, StreamTable> streams_;
  rows::Batch batch_;
  rows::Outbox outbox_;
  std::map<std::string, ChangeEvent> refused_;  // by document: what cannot be read, and nothing newer was said of
};

// "2024-05-01 12:00:00.250+02" -> "2024-05-01T10:00:00.25Z"; what is no time stays as it is.
std::string TimeText(std::string text);

}  // namespace freshet::singer
