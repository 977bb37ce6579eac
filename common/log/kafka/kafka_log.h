// KafkaLog: the Log on a Kafka cluster: between processes, and where the organisation's events already are (DESIGN §7).
//
//   auto log = KafkaLog::Open({.bootstrap_servers = "127.0.0.1:9092"});
//   (*log)->CreateTopics({{{.name = "freshet.x.changes.live"}}});
//   (*log)->Append({{{.topic = t, .partition = Partition(0), .key = k, .value = bytes}}});
//
// The contract of log.h, and where Kafka is different:
// - Durable is what min_insync_replicas brokers have in memory: it survives the loss of one, not of power in all of
// them
//   at once. With one broker, kill -9 loses nothing and power loss may.
// - Consumers read ahead, up to `prefetch`: a record that retention takes after it was fetched is still delivered.
// - Retention is the brokers' and knows no floor. SetRetentionFloor remembers the floor and Maintain commits it to
//   `floor_group`, so that lag tools see a reader outside any group; a reader that is overtaken is told of the Gap.
//   Choose retention_time longer than the longest stop of a site.
// - TopicSpec's retention_bytes is a topic's; Kafka counts by partition and gets an equal share for each.
// - A record's limit is known to the process that called CreateTopics with it; others learn of it from the brokers'
//   refusal. Brokers' limits are never below 1 MiB, since they hold for batches.
// - A topic whose max.message.bytes somebody lowers refuses what it was made for: log_unavailable, until it is raised.
// - Append gives up after delivery_timeout (log_unavailable); the records may still arrive.
// - Groups are Kafka's: any process may join; progress is a committed offset with the metadata as hexadecimal text.
// Any thread. Consumers may outlive the log. Codes of Open: configuration (options, credentials, certificates),
// log_unavailable (no broker answers).
#pragma once

#include "common/log/bulk.h"
#include "common/log/kafka/options.h"
#include "common/log/log.h"

namespace freshet::log {

class KafkaLog final : public Log, public BulkLog {
 public:
  static Result<std::unique_ptr<KafkaLog>> Open(KafkaOptions options);
  ~KafkaLog() override;

  Status CreateTopics(std::span<const TopicSpec> specs) override;
  Result<std::vector<Offset>> Append(std::span<const NewRecord> records) override;
  Result<OffsetRange> Range(const TopicPartition& partition) override;
  Result<Progress> Committed(const std::string& group, const TopicPartition& partition) override;
  Result<Ranges> RangesOf(std::span<const TopicPartition> partitions) override;
  Result<AllProgress> CommittedOf(const std::string& group, std::span<const TopicPartition> partitions) override;
  Result<std::unique_ptr<Consumer>> Subscribe(const std::string& group, std::vector<std::string> topics,
                                              Waker* waker) override;
  Result<std::unique_ptr<Consumer>> Assign(std::vector<std::pair<TopicPartition, Offset>> starts,
                                           Waker* waker) override;
  Status SetRetentionFloor(const TopicPartition& partition, Offset floor) override;
  Status Maintain() override;

  // How many partitions a topic has, whoever made it; 0 where there is none.
  Result<uint32_t> PartitionsOf(const std::string& topic) const;

  // Takes all records below `first`, whatever retention says; readers that are behind are told of a Gap.
  Status Trim(const TopicPartition& partition, Offset first);

 private:
  struct Parts;
  explicit KafkaLog(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace freshet::log
