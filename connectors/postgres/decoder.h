// StreamDecoder: the slot's messages to changes of rows with their versions.
//
//   StreamDecoder decoder(mapping, {.generation = 7});
//   FRESHET_RETURN_IF_ERROR(decoder.Take(message, batch));           // a message of the wire
//   while (decoder.replaying() && !batch.is_full()) FRESHET_RETURN_IF_ERROR(decoder.Replay(batch));
//   decoder.done()                                                   // every commit up to here is in batches
//
// The version of a change is (generation, position of its commit, place within the commit). A transaction that the
// server sends while it is under way is kept (spool.h) until its commit, which decides the version; one that is undone
// is forgotten. Its commit begins a replay, and no other message may be taken before that has ended. A stream may begin
// before `done`: what it tells again is skipped, and proves that the server is the one that was read (history.h).
// Tables that nothing maps are not looked at. configuration: a mapped table does not fit its mapping any more
// (Mapping::CheckTable). corrupt_record: a message that is none, or out of place. unavailable: history().refuted(). One
// thread.
#pragma once

#include <memory>
#include <unordered_map>

#include "connectors/postgres/history.h"
#include "connectors/postgres/pgoutput.h"
#include "connectors/postgres/spool.h"
#include "connectors/rows/batch.h"

namespace freshet::postgres {

class StreamDecoder {
 public:
  struct Options {
    uint64_t generation = 0;
    uint64_t done = 0;       // every commit before it had been taken
    uint64_t told_from = 0;  // where the stream begins; 0: at `done`
    Landmark landmark;       // of what had been taken
    size_t spool_memory = 8u << 20;
  };
  // The mapping outlives this.
  StreamDecoder(const rows::Mapping& mapping, Options options)
      : mapping_(mapping),
        options_(options),
        history_({.told_from = options.told_from, .done = options.done, .landmark = options.landmark}),
        done_(options.done),
        floor_(options.done == 0 ? 0 : options.done - 1) {}

  Status Take(std::string_view message, rows::Batch& batch);
  // The server has sent everything up to here.
  Status TakeKeepalive(uint64_t lsn);

  bool replaying() const { return replay_ != nullptr; }
  // About a batch's worth of the replay.
  Status Replay(rows::Batch& batch);

  // Every commit up to here is in a batch.
  uint64_t done() const { return done_; }
  // The position of the last commit of all these: above it lies what comes.
  uint64_t floor() const { return floor_; }
  // True once after a mapped table was truncated, when that commit is done.
  bool TakeTruncated() { return in_transaction_ ? false : std::exchange(truncated_, false); }
  uint64_t changes() const { return changes_; }
  // Those with rows in batches, since this was asked last.
  std::vector<uint32_t> TakeTransactions() { return std::exchange(transactions_, {}); }
  const HistoryProof& history() const { return history_; }

 private:
  struct Relation {
    std::shared_ptr<const rows::Table> table;  // null: nothing maps it
    std::vector<uint32_t> types;
  };
  using Relations = std::unordered_map<uint32_t, Relation>;
  struct Streamed {
    explicit Streamed(size_t memory) : spool(memory) {}
    Spool spool;
    Relations relations;  // as the transaction has them, until it commits
  };
  struct Transaction {
    uint32_t number = 0;
    uint64_t lsn = 0;
    Time time;
    uint64_t place = 0;
    bool ours = false;  // has rows of mapped tables
  };

  Status Keep(std::string_view message, const PgMessage& decoded);
  Status TakeDecoded(const PgMessage& message, Relations& relations, rows::Batch& batch);
  Status TakeRelation(const PgRelation& message, Relations& relations);
  Status BeginTransaction(const Transaction& transaction);
  void EndTransaction(uint64_t end_lsn);
  Status TakeCommit(const PgCommit& commit);
  Status Add(rows::RowChange change, rows::Batch& batch);
  const Relation* Find(uint32_t oid, const Relations& relations) const;
  rows::Row RowOf(const Relation& relation, const PgTuple& tuple, bool key_only) const;

  const rows::Mapping& mapping_;
  const Options options_;
  HistoryProof history_;
  Relations relations_;
  std::unordered_map<uint32_t, std::unique_ptr<Streamed>> streamed_;  // by transaction
  uint32_t stream_ = 0;                                               // between 'S' and 'E': whose
  bool in_stream_ = false;
  bool in_transaction_ = false;
  Transaction transaction_;
  std::vector<uint32_t> transactions_;
  std::unique_ptr<Streamed> replay_;
  uint64_t replay_end_ = 0;
  uint64_t done_ = 0;
  uint64_t floor_ = 0;
  bool truncated_ = false;
  uint64_t changes_ = 0;
};

}  // namespace freshet::postgres
