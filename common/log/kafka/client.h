// Client: a connection to the cluster in one of three parts, as KafkaOptions say. Internal to the Kafka log.
//
//   FRESHET_ASSIGN_OR_RETURN(Handle<rd_kafka_t> client, NewClient(options, Role::kAsk));
//
// What librdkafka logs goes to the process's log: the facility and librdkafka's own sentence, which is made of
// addresses, topics, partitions, groups and error names; keys and values are in none of them (its debug contexts stay
// off). configuration where an option cannot be.
#pragma once

#include "common/log/kafka/handles.h"
#include "common/log/kafka/options.h"

namespace freshet::log {

enum class Role : uint8_t {
  kAsk,      // metadata, offsets, groups, topics
  kProduce,  // idempotent, acks=all
  kConsume,
};

// Larger records than any topic's limit are refused before; this is what librdkafka must let pass.
constexpr size_t kLargestRequest = 96u << 20;

// What differs between clients of a role.
struct ClientHooks {
  std::string group;       // of kConsume
  size_t partitions = 1;   // of kConsume: they share the prefetch
  void* opaque = nullptr;  // given to the callbacks
  void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void* opaque) = nullptr;
  void (*on_error)(rd_kafka_t*, int error, const char* reason, void* opaque) = nullptr;  // nothing: it is logged
  void (*on_rebalance)(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void* opaque) = nullptr;
};

Result<Handle<rd_kafka_t>> NewClient(const KafkaOptions& options, Role role, const ClientHooks& hooks = {});

// Logs an error that librdkafka goes on from by itself.
void LogClientError(rd_kafka_resp_err_t error);

}  // namespace freshet::log
