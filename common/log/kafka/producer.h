// Producer: appends records and waits until the brokers have them. Internal to the Kafka log.
//
//   Producer producer(options);
//   Result<std::vector<Offset>> offsets = producer.Append(records);   // of topics and partitions that exist
//
// Idempotent, acks=all: a retry inside the client neither doubles nor reorders. A record that no broker acknowledged
// within delivery_timeout is log_unavailable; the caller appends again, and only then may it be there twice. Records
// are not copied: Append returns when librdkafka has let go of all of them. A client that cannot go on (librdkafka
// calls it fatal) is replaced at the next Append. Any thread.
#pragma once

#include <mutex>
#include <thread>

#include "common/log/kafka/client.h"

namespace freshet::log {

// A client and the thread that takes its acknowledgements.
class ProducerClient {
 public:
  static Result<std::shared_ptr<ProducerClient>> Make(const KafkaOptions& options);

  rd_kafka_t* get() const { return client_.get(); }
  bool failed() const { return rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR; }

 private:
  explicit ProducerClient(Handle<rd_kafka_t> client);

  Handle<rd_kafka_t> client_;
  std::jthread acknowledgements_;  // ends before the client
};

class Producer {
 public:
  explicit Producer(const KafkaOptions& options) : options_(options) {}

  Result<std::vector<Offset>> Append(std::span<const NewRecord> records);

 private:
  Result<std::shared_ptr<ProducerClient>> Current();

  const KafkaOptions& options_;
  std::mutex mutex_;
  std::shared_ptr<ProducerClient> client_;
};

}  // namespace freshet::log
