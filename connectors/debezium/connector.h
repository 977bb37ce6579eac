// DebeziumSource: documents out of the topics that Debezium writes.
//
//   SourceConnector connector(std::make_unique<DebeziumSource>(options, mapping, std::move(reader)));
//
// Reads the topics of the mapped tables from their beginning, then goes on where it was. There is no snapshot to ask
// for: Debezium's own comes in the same topics. The database itself is asked (`connection`) for what records leave out;
// where nobody can be asked such a document is refused, visibly.
//
// A source vouches for a time when it has seen a commit of that time and has, `settle` later, read all partitions to
// their ends. Codes: configuration (Decoder's; a truncated table of which it is not known what it held; records that
// retention took); log_unavailable, unavailable. One thread.
#pragma once

#include "connectors/debezium/database.h"
#include "connectors/debezium/position.h"
#include "connectors/debezium/topics.h"
#include "connectors/rows/outbox.h"
#include "connectors/source/source_connector.h"

namespace freshet::debezium {

class DebeziumSource final : public Source {
 public:
  DebeziumSource(DebeziumOptions options, rows::Mapping mapping, std::unique_ptr<TopicReader> reader);
  ~DebeziumSource() override { Close(); }

  Status Check() override;
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kNever; }
  Status Open(SourceStart start) override;
  void Close() override;
  Result<SourceBatch> Stream(Duration wait) override;
  Result<Upsert> Fetch(const DocumentId& document) override;
  // By `connection`; unsupported_change without it.
  Status List(const std::function<Status(const std::string& id)>& take) override;

 private:
  // Everything committed up to `time` is in the topics, once they are read to their ends after `from`.
  struct Witness {
    Time time;
    Time from;
  };
  struct Session {
    Session(const DebeziumOptions& options, const rows::Mapping& mapping, uint64_t epoch, Time opened);
    Position position;
    Decoder decoder;
    rows::Outbox outbox;
    std::unique_ptr<Database> database;  // without `connection` none
    Taken taken;                         // read, and not handed out yet: in pieces, as documents may be asked for
    size_t handed_out = 0;               // of its changes
    bool moved = false;                  // there is a position to tell
    std::optional<Witness> witness;      // the oldest that has not come true
    Time newest;                         // of all witnesses
    Time vouched;
  };

  std::vector<std::string> Topics() const;
  bool HasRows(const std::string& topic) const;
  Hash128 Fingerprint() const;
  Status TakeGaps(const std::vector<log::Gap>& gaps) const;
  Status Read(Duration wait);
  Result<std::vector<ChangeEvent>> NextPiece();
  Status AddTruncated(const RowAt& truncated, std::vector<ChangeEvent>& events) const;
  void Vouch(SourceBatch& out);

  const DebeziumOptions options_;
  const rows::Mapping mapping_;
  const std::unique_ptr<TopicReader> reader_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<Session> session_;
};

Result<std::unique_ptr<Connector>> MakeDebeziumConnector(const ConfigNode& options);

}  // namespace freshet::debezium
