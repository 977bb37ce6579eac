// AppendQueue: all writers' records, one group at a time, each group one synced write.
//
//   Result<std::vector<Offset>> offsets = queue.Append(targets);
//
// The thread at the head of the queue writes for all that wait with it (group commit): it gives out offsets, writes one
// batch, syncs once, then moves the partitions' ends and wakes readers. So offsets are given only in the order in which
// they become durable, a failed group leaves no hole behind, and no reader sees what power loss could take. Any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/log/topic_table.h"
#include "common/log/wake_table.h"

namespace freshet::log {

struct AppendTarget {
  PartitionRef partition;
  const NewRecord* record = nullptr;
};

class AppendQueue {
 public:
  struct Options {
    store::Database& database;
    WakeTable& wakes;
    const Clock& clock;
    size_t group_bytes;  // of keys and values; one caller's records are never split
  };
  explicit AppendQueue(Options options) : options_(options) {}

  Result<std::vector<Offset>> Append(std::span<const AppendTarget> targets);

 private:
  struct Waiter {
    std::span<const AppendTarget> targets;
    size_t bytes = 0;
    std::vector<Offset> offsets;
    Status status;
    bool done = false;
    std::condition_variable turn;
  };
  // What a partition will be like once the group is durable.
  struct Ahead {
    uint64_t end = 0;
    uint64_t bytes = 0;
    int64_t newest_micros = 0;
  };
  using Group = std::vector<Waiter*>;

  Group TakeGroup();
  Status Write(const Group& group);
  Status Add(const AppendTarget& target, Time now, Ahead& ahead, rocksdb::WriteBatch& batch);

  const Options options_;
  std::mutex mutex_;
  std::deque<Waiter*> waiting_;
  bool writing_ = false;
};

}  // namespace freshet::log
