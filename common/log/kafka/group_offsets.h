// GroupOffsets: how far consumer groups are, asked and set from outside them. Internal to the Kafka log.
//
//   GroupOffsets groups(options);
//   FRESHET_ASSIGN_OR_RETURN(auto rows, groups.Committed("freshet.x.deid.live", partitions));
//
// Asks through a client of the group's name that never joins it, one a group, kept. librdkafka's administration of
// groups is not used: it aborts the process where a broker goes away while it waits (confluentinc/librdkafka#3663).
// Any thread. Codes as in errors.h; log_unavailable also where a group's coordinator is just being made.
#pragma once

#include <map>
#include <mutex>

#include "common/log/kafka/client.h"

namespace freshet::log {

class GroupOffsets {
 public:
  // `options` outlive it.
  explicit GroupOffsets(const KafkaOptions& options) : options_(options) {}

  // Offsets (negative: none was ever committed) and metadata. Each partition once.
  using Rows = std::map<TopicPartition, std::pair<int64_t, std::string>>;
  Result<Rows> Committed(const std::string& group, std::span<const TopicPartition> partitions);
  // Of a group that has no members.
  Status Set(const std::string& group, const std::map<TopicPartition, Offset>& offsets);

 private:
  Result<rd_kafka_t*> ClientOf(const std::string& group);

  const KafkaOptions& options_;
  std::mutex mutex_;  // of the map; clients stay until the end
  std::map<std::string, Handle<rd_kafka_t>> clients_;
};

}  // namespace freshet::log
