// GroupProgress: how far a consumer group is, and what became of everything before, committed together.
//
//   progress.Settle(arrival);        // its output is durable
//   progress.CommitIfDue();          // at most every `interval`, and at Commit()
//
// Arrivals of a partition settle in the order of their offsets. What is settled and not yet committed when the process
// dies, or the partition goes away, is done again: at least once. It counts once: what was read before the partition
// went away is told by its tenure from what is delivered again, though both be this member's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/log/log.h"
#include "common/stage/account.h"

namespace freshet {

class GroupProgress {
 public:
  struct Options {
    std::string group;
    std::map<Stream, std::string> topics;
    Duration interval = std::chrono::milliseconds(100);  // longer is fewer commits, and more done again after a crash
  };
  GroupProgress(log::Log& log, std::shared_ptr<log::Consumer> consumer, const Clock& clock, Options options)
      : log_(log), consumer_(std::move(consumer)), clock_(clock), options_(std::move(options)) {}

  template <class Body>
  void Settle(const Arrival<Body>& arrival) {
    std::lock_guard lock(mutex_);
    Row* const row = RowOf(arrival.position, arrival.tenure);
    if (row == nullptr) return;
    const auto* lost = std::get_if<Lost>(&arrival.envelope.payload);
    row->next = Offset(arrival.position.offset.value + (lost ? lost->count : 1));
    row->since.Add(arrival.envelope);
    row->dirty = true;
  }
  Status CommitIfDue();
  Status Commit();

  // What became of everything before an offset, by (stream, partition): of what was settled since the process began.
  std::map<std::pair<Stream, Partition>, std::pair<Offset, StageAccount>> Accounts() const;

 private:
  // What the group has committed is read when it is needed for a commit, and not before: settling cannot fail.
  struct Row {
    uint64_t tenure = 0;
    Offset next;          // where counting has come to
    StageAccount stored;  // of what is committed, once known
    bool known = false;
    StageAccount since;  // what was settled after it
    bool dirty = false;
  };
  // Null where the position counts already, or is to be delivered again.
  Row* RowOf(const Position& position, uint64_t tenure);
  Status FindStored(const std::pair<Stream, Partition>& where, Row& row);
  static StageAccount AccountOf(const Row& row);
  Status CommitLocked();
  void DropWhatIsOthers();

  log::Log& log_;
  std::shared_ptr<log::Consumer> consumer_;
  const Clock& clock_;
  const Options options_;
  mutable std::mutex mutex_;
  std::map<std::pair<Stream, Partition>, Row> rows_;
  Time next_commit_{};
};

}  // namespace freshet
