// KafkaTopics: a TopicReader on a Kafka cluster, outside of any consumer group.
//
//   KafkaTopics topics(options.kafka);
//
// Debezium makes a topic when the first record comes: those that are not there, and new partitions, are looked for
// every half a minute, and end the run when they are found. See topics.h.
#pragma once

#include "common/log/kafka/kafka_log.h"
#include "connectors/debezium/topics.h"

namespace freshet::debezium {

class KafkaTopics final : public TopicReader {
 public:
  explicit KafkaTopics(log::KafkaOptions options) : options_(std::move(options)) {}

  Status Check(const std::vector<std::string>& topics) override;
  Status Open(const std::vector<std::string>& topics, const Offsets& next) override;
  void Close() override;
  Result<log::Polled> Poll(Duration wait) override;
  bool AtEnd() const override { return consumer_ != nullptr && missing_ == 0 && consumer_->AtEnd(); }

 private:
  Status LookForNew();

  const log::KafkaOptions options_;
  Waker waker_;  // outlives the consumer
  std::unique_ptr<log::KafkaLog> log_;
  std::unique_ptr<log::Consumer> consumer_;
  std::map<std::string, uint32_t> partitions_;  // by topic
  size_t missing_ = 0;
  std::chrono::steady_clock::time_point next_look_;
};

}  // namespace freshet::debezium
