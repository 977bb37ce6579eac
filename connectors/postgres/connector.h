// PostgresSource: tables of a PostgreSQL server as documents, by logical replication.
//
//   SourceConnector connector(std::make_unique<PostgresSource>(options, mapping));   // as MakePostgresConnector does
//
// A run goes on at the slot where the last one stored its position. Where it cannot (no slot yet, WhyNotResume, or the
// stream shows that the server's history is another one: history.h), a new slot is made with a snapshot of that very
// moment, in a new generation, and what the sink has of earlier ones is reconciled at the snapshot's end. The position
// of the old one is forgotten before: a new slot's word would count as proof of it. Until the history is proved no
// position is told, so that the slot is not confirmed, and nothing is vouched for. Stream and snapshot go side by side:
// versions decide.
//
//   version := (generation, position of the commit, place within it)       of the stream
//            | (generation, position of a commit before, 2^40 + reading)         of a snapshot
//
// That commit is the last one that this run has read, or the one that the snapshot before was stamped with, where a run
// before had read on: what is read now is younger than both, so that each snapshot lies above those before.
//
// The slot is told to forget only what Acknowledge says is durable. Codes: configuration where server, user,
// publication, table or mapping do not fit (the message has the statement that mends it); unavailable for whatever may
// get better. One thread.
#pragma once

#include "connectors/postgres/decoder.h"
#include "connectors/postgres/replication.h"
#include "connectors/postgres/slot.h"
#include "connectors/postgres/snapshot.h"
#include "connectors/rows/outbox.h"
#include "connectors/source/source_connector.h"

namespace freshet::postgres {

class PostgresSource final : public Source {
 public:
  PostgresSource(PostgresOptions options, rows::Mapping mapping);
  ~PostgresSource() override { Close(); }

  Status Check() override;
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kOnce; }
  Status Open(SourceStart start) override;
  void Close() override;
  Result<SourceBatch> Snapshot(const std::string& cursor) override;
  Result<SourceBatch> Stream(Duration wait) override;
  Result<Upsert> Fetch(const DocumentId& document) override;
  Result<SourceHold> Hold() override;
  Status List(const std::function<Status(const std::string& id)>& take) override;
  Status Acknowledge(const std::string& position) override;

 private:
  // Everything up to `lsn` in the stream is everything committed up to `time`.
  struct Marker {
    Time time;
    uint64_t lsn = 0;
  };
  // What a run has open.
  struct Session {
    Session(const PostgresOptions& options, const rows::Mapping& mapping, const SlotPosition& position,
            uint64_t told_from, Time opened);
    std::unique_ptr<SqlClient> sql;
    std::unique_ptr<ReplicationStream> stream;
    SlotPosition position;
    uint64_t stamped = 0;  // a position that snapshots are stamped with at least
    uint64_t reading = 0;  // of tables, the next one; larger than in every earlier run since the slot was made
    StreamDecoder decoder;
    rows::Batch batch;
    rows::Outbox outbox;
    std::unique_ptr<SnapshotReader> snapshot;
    bool snapshot_fresh = false;   // made by Open, not read from yet
    bool snapshot_wanted = false;  // to be told once
    bool position_untold = true;
    std::optional<Marker> marker;
    Time next_marker, next_wal, next_look, next_position;
  };

  Result<SlotPosition> Resumed(const SourceStart& start, const SlotState& slot, const ServerIdentity& server) const;
  Status Begin(std::unique_ptr<SqlClient> sql, std::unique_ptr<SqlClient> replication, const SourceStart& start);
  // From the first page where there is no place to go on at.
  Status ReadTables(std::string exported, std::optional<SnapshotCursor> at);
  Status OpenSnapshot(const std::string& cursor, SourceBatch& out);
  Status Fill(Duration wait);
  Status Beat(SourceBatch& out);
  Status Mark();
  Status LookAfterSlot(Time now);

  const PostgresOptions options_;
  const rows::Mapping mapping_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<Session> session_;
  bool refuted_ = false;  // the server's history is not the one that was read
};

Result<std::unique_ptr<Connector>> MakePostgresConnector(const ConfigNode& options);

}  // namespace freshet::postgres
