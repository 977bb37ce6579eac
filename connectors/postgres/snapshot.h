// SnapshotReader: everything that the mapped tables hold, in pieces, read by connections side by side.
//
//   FRESHET_ASSIGN_OR_RETURN(auto reader, SnapshotReader::Open(parts, start));
//   FRESHET_ASSIGN_OR_RETURN(SnapshotPiece piece, reader->Next(50ms));      // piece.events; piece.done: that was all
//
// Tables are read by ranges of pages (ctid), each with one COPY: no order is asked for, no index needed. Lists first,
// then groups and patients, then documents, whose children are asked for a few hundred rows at a time.
//
// Not all pieces see the same moment: those of a run that began anew see a later one. That loses nothing, as the stream
// brings every change since the slot's beginning with a larger version; a row that an update moves to a page that was
// read already comes by the stream too. Each reading's versions are larger than those of the readings before, in an
// earlier run or in the same one, as what it reads again may have changed; so are their begins, as the sink decides
// once on each. Only a table that was rewritten as a whole (VACUUM FULL, CLUSTER) moves rows
// without a change: its file's number is in the cursor, and the reading begins again.
//
//   cursor := 1 begin:version started_us(8) plan(16) family(4) page(8)       all before it has been handed out
//
// At most kMostQueued bytes wait. Next: one thread; the readers have threads of their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "connectors/postgres/options.h"
#include "connectors/postgres/server_source.h"
#include "connectors/rows/batch.h"

namespace freshet::postgres {

// Of a snapshot's versions, within the commit that it was begun after: a change in the stream after that is newer; one
// in it, or before it, is older.
inline constexpr uint64_t kSnapshotPlace = uint64_t{1} << 40;

struct SnapshotCursor {
  Version begin;
  Time started;
  Hash128 plan{};
  uint32_t family = 0;
  uint64_t page = 0;
  std::string Encode() const;
  static std::optional<SnapshotCursor> Decode(std::string_view bytes);
};

struct SnapshotPiece {
  rows::Resolved events;
  bool done = false;
};

// Where a table lies: a table, or a leaf of a partitioned one.
struct SnapshotFamily {
  rows::EntityKind kind = rows::EntityKind::kDocument;
  uint32_t rule = 0;
  std::string table;     // as mapped
  std::string relation;  // quoted; read from
  uint64_t pages = 0;
};

class SnapshotReader {
 public:
  static constexpr size_t kMostQueued = 8u << 20;

  struct Parts {
    const PostgresOptions& options;
    const rows::Mapping& mapping;
    SqlClient& sql;        // for planning
    std::string exported;  // a snapshot that another connection exported; empty: each reader its own
    uint64_t reading = 0;  // larger than in every earlier one: what is read again later is newer
  };
  // `at`: where to go on; its begin is that of the snapshot. With a plan that is not the one of the tables as they are
  // now, reading begins at the first page.
  static Result<std::unique_ptr<SnapshotReader>> Open(const Parts& parts, SnapshotCursor at);
  ~SnapshotReader();

  // Waits until there is a piece, at the latest so long: then one without events.
  Result<SnapshotPiece> Next(Duration wait);
  // After what Next has given so far.
  const SnapshotCursor& cursor() const { return cursor_; }

 private:
  struct Task {
    uint32_t family = 0;
    uint64_t from = 0, to = 0;  // pages; to 0: to the end
  };
  struct Queued {
    size_t task = 0;
    bool last = false;
    rows::Resolved events;
    size_t bytes = 0;
  };
  friend class SnapshotWorker;

  SnapshotReader(const PostgresOptions& options, const rows::Mapping& mapping, SnapshotCursor at);
  Status Plan(SqlClient& sql);
  void PlanTasks();
  void Work(class SnapshotWorker& worker);
  // False where it is to stop.
  bool Push(Queued queued);
  void Advance(size_t task);

  const PostgresOptions& options_;
  const rows::Mapping& mapping_;
  SnapshotCursor cursor_;
  std::vector<SnapshotFamily> families_;
  std::vector<Task> tasks_;
  std::vector<bool> ended_;  // tasks
  size_t low_ = 0;           // all tasks before it have ended
  std::mutex mutex_;         // of what follows
  std::condition_variable changed_;
  std::deque<Queued> queue_;
  size_t queued_bytes_ = 0;
  size_t next_task_ = 0;
  bool stop_ = false;
  Status failure_;
  std::vector<std::unique_ptr<SnapshotWorker>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace freshet::postgres
