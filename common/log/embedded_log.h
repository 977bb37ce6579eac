// EmbeddedLog: the Log on RocksDB, in this process, durable, without a server (DESIGN §7).
//
//   auto log = EmbeddedLog::Open({.path = "data/log"});
//   (*log)->CreateTopics({{{.name = "freshet.x.changes.live"}}});
//   (*log)->Append({{{.topic = t, .partition = Partition(0), .key = k, .value = bytes}}});
//
// One database a tenant, open in one process at a time. Concurrent Appends share one sync. A consumer sees a record
// only when that is durable, and wakes at once. Members of a group are consumers of this process; a member that loses
// a partition to a rebalance can no longer Commit it (log_unavailable, nothing of that call is stored).
// Any thread. What a consumer needs of the log lives until the last consumer is gone. Codes of Open: configuration
// (another process has it open), corrupt_store, io_error, disk_full.
#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>
#include <vector>

#include "common/log/log.h"

namespace freshet::log {

struct EmbeddedLogOptions {
  std::string path;
  rocksdb::Env* env = nullptr;                       // null: the operating system's
  const Clock* clock = nullptr;                      // null: the operating system's
  size_t block_cache_bytes = 32 << 20;               // more: faster re-reading of what is no longer in write buffers
  size_t write_buffer_bytes = 32 << 20;              // more: fewer, larger files, and a longer restart
  bool compress = false;                             // LZ4; sealed records, which are as good as random, only cost time
  size_t group_commit_bytes = 8 << 20;               // of records in one sync; more: throughput, and memory
  Duration tombstone_keep = std::chrono::hours(24);  // a slower reader of a compacted topic may miss a key's end
  double compact_dirty_share = 0.5;  // compact when new records are this share of those kept; less: more I/O
};

class EmbeddedLog final : public Log {
 public:
  static Result<std::unique_ptr<EmbeddedLog>> Open(EmbeddedLogOptions options);
  ~EmbeddedLog() override;

  Status CreateTopics(std::span<const TopicSpec> specs) override;
  Result<std::vector<Offset>> Append(std::span<const NewRecord> records) override;
  Result<OffsetRange> Range(const TopicPartition& partition) override;
  Result<Progress> Committed(const std::string& group, const TopicPartition& partition) override;
  Result<std::unique_ptr<Consumer>> Subscribe(const std::string& group, std::vector<std::string> topics,
                                              Waker* waker) override;
  Result<std::unique_ptr<Consumer>> Assign(std::vector<std::pair<TopicPartition, Offset>> starts,
                                           Waker* waker) override;
  Status SetRetentionFloor(const TopicPartition& partition, Offset floor) override;
  Status Maintain() override;

  // Takes all records below `first`, whatever retention says; readers that are behind are told of a Gap.
  Status Trim(const TopicPartition& partition, Offset first);
  uint64_t BytesOnDisk() const;

 private:
  struct Parts;
  explicit EmbeddedLog(std::shared_ptr<Parts> parts);
  std::shared_ptr<Parts> parts_;
};

}  // namespace freshet::log
