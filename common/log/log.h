// Log: named topics of fixed partitions, each an ordered, durable run of records. It knows no stages and no schemas.
//
//   log.CreateTopics({{.name = "freshet.x.changes.live", .partitions = 8}});
//   Result<std::vector<Offset>> offsets = log.Append({{.topic = t, .partition = p, .key = k, .value = bytes}});
//   auto consumer = log.Subscribe("freshet.deid.live", {t}, &waker);
//   Result<Polled> polled = (*consumer)->Poll({.max_records = 100, .max_bytes = 1 << 20});
//
// Two backends, one contract (common/log/contract.h, run against both): embedded (RocksDB, this process) and Kafka.
// Delivery is at least once and in order within a partition. Codes: log_unavailable, disk_full, io_error (retry),
// configuration (a topic that exists with other settings, an unknown topic), document_too_large (a record over the
// limit). Log and its methods may be used from any thread; a Consumer from one thread at a time, but for Commit,
// Tenure and Owns, from any.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/base/waker.h"

namespace freshet::log {

struct TopicSpec {
  std::string name;
  uint32_t partitions = 8;  // fixed for ever: keys map to partitions
  bool compacted = false;   // keeps the last record of each key; else retention takes old ones
  Duration retention_time = std::chrono::days(7);
  uint64_t retention_bytes = 64ull << 30;  // a topic; the older limit of the two wins
  size_t max_record_bytes = 16u << 20;     // key and value
};

struct NewRecord {
  std::string topic;
  Partition partition;
  std::string key;
  std::optional<std::string> value;  // nothing: a tombstone, which compaction takes as the key's end
};

struct Delivered {
  std::string topic;
  Partition partition;
  Offset offset;
  std::string key;
  std::optional<std::string> value;
  Time appended;
};

// Records that retention took before they were read: offsets [from, to). Told once, before what follows them.
struct Gap {
  std::string topic;
  Partition partition;
  Offset from;
  Offset to;
};

struct Polled {
  std::vector<Delivered> records;
  std::vector<Gap> gaps;
};

struct PollLimits {
  size_t max_records = 1000;    // 0: keep the membership alive, take nothing (backpressure)
  size_t max_bytes = 4u << 20;  // of keys and values; one record is always delivered, however large
};

struct TopicPartition {
  std::string topic;
  Partition partition;
  auto operator<=>(const TopicPartition&) const = default;
};

// How far a group is: the next offset to read, and a few bytes of its own (accounts) stored in the same write.
struct Progress {
  Offset next;
  std::string metadata;
  uint64_t tenure = 0;  // of a commit: under which it was read (Consumer::Tenure); 0: under the present one. Not stored
};

struct OffsetRange {
  Offset first;  // the oldest that retention left
  Offset end;    // the next to be appended
};

class Consumer {
 public:
  virtual ~Consumer() = default;

  // What is there now, up to the limits; empty where nothing is. Never blocks for records: the Waker given at creation
  // is woken when more may have come since the last Poll.
  virtual Result<Polled> Poll(PollLimits limits) = 0;

  // True where the last Poll that could take records left nothing behind: all that was in this consumer's partitions
  // when it last looked has been delivered. An empty Poll alone does not say so: over a network, records may be on
  // their way.
  virtual bool AtEnd() const = 0;

  // Stores the group's progress in these partitions, durably and all or nothing. Only for a group's consumer
  // (Subscribe; else configuration). A partition that is no longer, or not yet, this consumer's as of its last Poll or
  // Assignment, or whose tenure is another: log_unavailable, nothing is stored; drop it, and commit the rest.
  virtual Status Commit(std::span<const std::pair<TopicPartition, Progress>> progress) = 0;

  // Grows each time that the partition is given to this consumer, though it never saw that it was away: what was read
  // under an earlier tenure and not committed is delivered again under this one. As of the last Poll, whose records it
  // is of, or Assignment; 0: not this consumer's. From any thread, as Commit.
  virtual uint64_t Tenure(const TopicPartition& partition) const = 0;
  bool Owns(const TopicPartition& partition) const { return Tenure(partition) != 0; }

  // What this consumer reads now; changes of a group's membership change it.
  virtual std::vector<TopicPartition> Assignment() = 0;
};

class Log {
 public:
  virtual ~Log() = default;

  // Creates what does not exist; exists with the same partition count and compaction: fine.
  virtual Status CreateTopics(std::span<const TopicSpec> specs) = 0;

  // All records, in order within a partition, durable (they survive power loss) when it returns ok; their offsets in
  // the order given. After an error any of them may or may not be there: append again, delivery is at least once.
  // Concurrent calls share one sync (group commit).
  virtual Result<std::vector<Offset>> Append(std::span<const NewRecord> records) = 0;

  virtual Result<OffsetRange> Range(const TopicPartition& partition) = 0;

  // Where a group is; {first, ""} where it never committed.
  virtual Result<Progress> Committed(const std::string& group, const TopicPartition& partition) = 0;

  // A member of a group: partitions of the topics are shared out among the members, and read from where the group is.
  virtual Result<std::unique_ptr<Consumer>> Subscribe(const std::string& group, std::vector<std::string> topics,
                                                      Waker* waker) = 0;

  // A reader of its own, outside any group, from the offsets given. configuration where one lies beyond the end: the
  // log is not the one that the caller read before.
  virtual Result<std::unique_ptr<Consumer>> Assign(std::vector<std::pair<TopicPartition, Offset>> starts,
                                                   Waker* waker) = 0;

  // Retention leaves records at and above `floor` alone, however old or large: a sink sets what it has made durable,
  // so that power loss never finds the records it still needs gone. Not stored: set it before Maintain runs. A backend
  // whose retention is somebody else's returns ok and does nothing. Does not bind compaction.
  virtual Status SetRetentionFloor(const TopicPartition& partition, Offset floor) { return OkStatus(); }

  // Takes what retention and compaction allow to go; a backend that does so by itself returns ok.
  virtual Status Maintain() = 0;
};

}  // namespace freshet::log
