// Decoder: records of Debezium's topics to changes of rows with their versions.
//
//   Decoder decoder(options, mapping, epoch);
//   for (const log::Delivered& record : polled.records) FRESHET_RETURN_IF_ERROR(decoder.Take(record));
//   Taken taken = decoder.Drain();      // taken.changes, the oldest first
//
//   version := (epoch, end of the commit before, place in PostgreSQL's log)
//            | (epoch, end of the commit before, 0)        a row that a snapshot read
//            | (epoch, offset + 1, 0)                      order: offset
//
// The end of the commit before comes from `source.sequence` and grows with the order of commits, in which a topic has
// its records; the place alone does not, as transactions overlap. A snapshot's row, and the first commit after it, may
// come without: the row's is the snapshot's place, the change's its own, as of flattened records always. No change's is
// less than that of the newest such row of its partition, which may have been read while the change was under way. What
// Debezium delivers again after a crash has its old version and changes nothing. A row of an incremental snapshot lies
// before whatever the commit after it changes. A record that says neither (a tombstone whose delete was compacted away,
// one that cannot be read) gets a version just behind the newest of its partition, which the mark remembers: up to
// seven, as places are eight apart.
//
// corrupt records count as such (a document whose key is known is refused: malformed_document). Codes: configuration
// where a table does not fit the mapping any more, or the source gives no places (`order: offset` then). One thread.
#pragma once

#include <set>

#include "common/log/log.h"
#include "connectors/debezium/message.h"
#include "connectors/debezium/options.h"
#include "connectors/rows/batch.h"

namespace freshet::debezium {

// What a partition has had.
struct Mark {
  uint64_t position = 0;  // of the newest change
  uint64_t ordinal = 0;
  uint64_t snapshot = 0;  // of the newest snapshot that does not say what was before it
  Hash128 deleted{};      // of the last record's key, where that was a delete; else 0
  bool operator==(const Mark&) const = default;
};
using Marks = std::map<log::TopicPartition, Mark>;

struct RowAt {
  rows::RowChange change;
  rows::Stamp stamp;
  std::optional<uint32_t> transaction = std::nullopt;  // as the stream has it; not of what a snapshot read
};

struct Taken {
  std::vector<RowAt> changes;        // by version, the oldest first
  std::vector<ChangeEvent> refused;  // documents whose record cannot be read
  std::vector<RowAt> truncated;      // tables that were emptied
  std::optional<Time> witness;       // the newest commit that was seen
};

class Decoder {
 public:
  // Options and mapping outlive this.
  Decoder(const DebeziumOptions& options, const rows::Mapping& mapping, uint64_t epoch);

  Status Take(const log::Delivered& record);
  Taken Drain();

  const Marks& marks() const { return marks_; }
  void set_marks(Marks marks) { marks_ = std::move(marks); }

 private:
  using TablePtr = std::shared_ptr<const rows::Table>;

  Status TakeRow(Message& message, const log::Delivered& record);
  void TakeTombstone(Message& message, const log::Delivered& record);
  void TakeMalformed(Message& message, const log::Delivered& record);
  void Witness(const Message& message);
  Result<rows::Stamp> StampOf(const Message& message, const log::Delivered& record);
  rows::Stamp Synthesize(const log::Delivered& record);
  Result<TablePtr> TableOf(const Message& message);
  rows::Row RowOf(const TablePtr& table, const Fields* fields, const Fields& key) const;
  rows::Row KeyRow(const Message& message) const;
  rows::Cell CellOf(const std::string& table, const Field& field) const;
  void NameTable(Message& message, const log::Delivered& record) const;

  const DebeziumOptions& options_;
  const rows::Mapping& mapping_;
  const uint64_t epoch_;
  std::map<std::string, std::string> table_of_topic_;
  std::map<std::string, std::set<std::string>> mapped_;  // columns by table
  std::set<std::string> whole_rows_;
  std::map<std::string, ValueType> types_;
  std::map<std::string, TablePtr> tables_;  // as last seen, and found to fit
  Marks marks_;
  Taken taken_;
};

}  // namespace freshet::debezium
