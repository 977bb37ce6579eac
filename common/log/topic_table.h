// TopicTable: the topics of an embedded log, in memory as on disk, and where each of their partitions begins and ends.
//
//   Result<PartitionRef> partition = table.Find({topic, Partition(3)});
//   partition->state->end.load();
//
// Topics are never removed: references live as long as the table. Any thread; the state of a partition is written as
// its fields say.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/log/record_format.h"
#include "common/store/database.h"

namespace freshet::log {

struct PartitionState {
  std::atomic<uint64_t> first = 0;           // written by retention, once it is durable
  std::atomic<uint64_t> end = 0;             // written by the append queue, once the records before it are durable
  std::atomic<uint64_t> bytes = 0;           // bytes_so_far of the newest record; by the append queue
  std::atomic<int64_t> newest_micros = 0;    // when that was appended; by the append queue
  std::atomic<uint64_t> floor = UINT64_MAX;  // retention leaves records from here on alone
};

struct Topic {
  std::string name;
  uint32_t number = 0;
  uint32_t partition_count = 0;
  bool compacted = false;
  std::atomic<int64_t> retention_micros = 0;
  std::atomic<uint64_t> retention_bytes = 0;
  std::atomic<uint64_t> max_record_bytes = 0;
  std::unique_ptr<PartitionState[]> partitions;
};

struct PartitionRef {
  const Topic* topic = nullptr;
  PartitionId id;
  PartitionState* state = nullptr;

  TopicPartition Name() const { return {topic->name, Partition(id.partition)}; }
};

class TopicTable {
 public:
  explicit TopicTable(store::Database& database) : database_(database) {}

  // Reads what is on disk: corrupt_store, io_error.
  Status Load();
  // As Log::CreateTopics; retention and limits of an existing topic become those given.
  Status Create(std::span<const TopicSpec> specs);

  // configuration where there is no such topic, or no such partition of it.
  Result<const Topic*> Find(const std::string& name) const;
  Result<PartitionRef> Find(const TopicPartition& partition) const;
  static PartitionRef RefOf(const Topic& topic, uint32_t partition);
  std::vector<const Topic*> All() const;

 private:
  Status LoadPartition(const PartitionRef& partition);
  Status Check(const TopicSpec& spec) const;
  void Add(const TopicEntry& entry);

  store::Database& database_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Topic>> topics_;
};

}  // namespace freshet::log
