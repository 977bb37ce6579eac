// LogStore: topics, records and group progress in one RocksDB. Internal to the embedded log.
//
// Families and keys (numbers big-endian, so that they sort):
//   records   topic(4) partition(4) offset(8)  ->  appended(8, microseconds) key_length(4) key [0 | 1 value]
//   topics    'n' name                         ->  topic(4) partitions(4) compacted(1)
//             'f' topic(4) partition(4)        ->  first(8) end(8): what retention left, and an end that no trim undoes
//   progress  group:text topic:text partition(4)  ->  next(8) metadata
//
// Appends queue up; one of the callers writes for all, with one sync, and publishes the new ends after it: a reader
// sees only what is durable. Offsets are given when the batch is written, so a failed batch burns none. Any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "common/log/embedded_log.h"
#include "common/store/database.h"

namespace freshet::log {

class LogStore {
 public:
  static Result<std::shared_ptr<LogStore>> Open(EmbeddedLogOptions options);

  Status CreateTopics(std::span<const TopicSpec> specs);
  Result<std::vector<Offset>> Append(std::span<const NewRecord> records);
  Result<OffsetRange> Range(const TopicPartition& partition) const;
  Result<Progress> Committed(const std::string& group, const TopicPartition& partition);
  Status SetRetentionFloor(const TopicPartition& partition, Offset floor);
  Status Maintain();
  Status Trim(const TopicPartition& partition, Offset first);
  uint64_t BytesOnDisk() const { return database_->BytesOnDisk(); }

  // For consumers. Reads from `at` on, up to the limits; moves `at`; a gap where retention took what lay there.
  Status Read(const TopicPartition& partition, Offset& at, PollLimits& left, Polled& out);
  Result<uint32_t> PartitionsOf(const std::string& topic) const;
  void AddWaker(const std::vector<std::string>& topics, Waker* waker);
  void RemoveWaker(Waker* waker);

  // Group membership. Join and Leave share the partitions of the group's topics out anew; a member sees its share in
  // Shares when it next asks.
  struct Member {
    std::vector<std::string> topics;
    Waker* waker = nullptr;
    std::vector<TopicPartition> share;
    uint64_t generation = 0;
  };
  void Join(const std::string& group, Member* member);
  void Leave(const std::string& group, Member* member);
  uint64_t GenerationOf(const Member& member) const;
  std::vector<TopicPartition> ShareOf(const Member& member) const;
  Status Commit(const std::string& group, const Member& member, uint64_t generation,
                std::span<const std::pair<TopicPartition, Progress>> progress);

 private:
  struct PartitionState {
    Offset first;
    Offset end;
    Offset floor{UINT64_MAX};
    uint64_t bytes = 0;      // of records since opening, and an estimate of those before
    uint64_t compacted = 0;  // records that stayed at the last compaction
    Offset compacted_up_to;
  };
  struct Topic {
    uint32_t number = 0;
    TopicSpec spec;
    std::vector<PartitionState> partitions;
    std::set<Waker*> wakers;
  };
  struct Request;

  explicit LogStore(EmbeddedLogOptions options) : options_(std::move(options)) {}
  Status Load();
  Status LoadPartition(Topic& topic, uint32_t partition);
  Status CreateTopic(const TopicSpec& spec);
  Status CheckRecords(std::span<const NewRecord> records) const;
  void WriteQueued(std::unique_lock<std::mutex>& lock);
  void Publish(const std::vector<Request*>& batch);
  void Rebalance(const std::string& group);
  Result<Topic*> Find(const TopicPartition& partition);
  Result<const Topic*> Find(const TopicPartition& partition) const;
  Status MaintainPartition(Topic& topic, uint32_t partition);
  Result<Offset> FirstToKeep(const Topic& topic, uint32_t partition);
  Status CompactPartition(Topic& topic, uint32_t partition);
  Result<Time> AppendedAt(const Topic& topic, uint32_t partition, Offset at);
  Status TrimLocked(std::unique_lock<std::mutex>& lock, Topic& topic, uint32_t partition, Offset first);
  Time Now() const;

  const EmbeddedLogOptions options_;
  const SystemClock system_clock_;
  std::unique_ptr<store::Database> database_;
  mutable std::mutex mutex_;  // of all below; never held during a write
  std::condition_variable written_;
  std::map<std::string, Topic> topics_;
  std::deque<Request*> queue_;
  bool writing_ = false;
  std::map<std::string, std::vector<Member*>> groups_;
};

}  // namespace freshet::log
