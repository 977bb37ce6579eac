// GroupProgress: how far a consumer group is, and what became of everything before, committed together.
//
//   progress.Settle(arrival);        // its output is durable
//   progress.CommitIfDue();          // at most every `interval`, and at Commit()
//
// Arrivals of a partition settle in the order of their offsets. What is settled and not yet committed when the process
// dies is done again: at least once.
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
    Row& row = RowOf(arrival.position);
    const auto* lost = std::get_if<Lost>(&arrival.envelope.payload);
    row.next = Offset(arrival.position.offset.value + (lost ? lost->count : 1));
    row.account.Add(arrival.envelope);
    row.dirty = true;
  }
  Status CommitIfDue();
  Status Commit();

  // What is stored, per (stream, partition); for accounting checks and metrics.
  std::map<std::pair<Stream, Partition>, std::pair<Offset, StageAccount>> Accounts() const;

 private:
  struct Row {
    Offset next;
    StageAccount account;
    bool dirty = false;
  };
  // The partition's row, continued from what the group has committed: on first use, and where the arrival does not
  // follow the last one, since the partition was another member's in between.
  Row& RowOf(const Position& position);
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
