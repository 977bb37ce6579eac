// Admin: questions and orders to the cluster as a whole. Internal to the Kafka log.
//
//   Admin admin(client, options);
//   FRESHET_ASSIGN_OR_RETURN(auto settings, admin.Settings({"freshet.x.groups"}));
//
// Every call waits for the answer, at most request_timeout. Any thread. Codes as in errors.h.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/log/kafka/handles.h"
#include "common/log/kafka/options.h"

namespace freshet::log {

class Admin {
 public:
  using TopicSettings = std::map<std::string, std::string>;

  Admin(rd_kafka_t& client, const KafkaOptions& options) : client_(client), options_(options) {}

  // The settings of those of the topics that exist.
  Result<std::map<std::string, TopicSettings>> Settings(const std::vector<std::string>& topics) const;
  // Fine where somebody else was faster.
  Status CreateTopic(const TopicSpec& spec, const TopicSettings& settings) const;
  // How many partitions the topic has, 0 where there is none.
  Result<uint32_t> PartitionsOf(const std::string& topic) const;

  Status DeleteRecordsBelow(const TopicPartition& partition, Offset first) const;

 private:
  using Start = std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;
  Result<Handle<rd_kafka_event_t>> Ask(rd_kafka_admin_op_t operation, const Start& start) const;

  rd_kafka_t& client_;
  const KafkaOptions& options_;
};

}  // namespace freshet::log
