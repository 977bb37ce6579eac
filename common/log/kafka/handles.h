// Handles: librdkafka's objects with owners, and lists of partitions in our words. Internal to the Kafka log.
//
//   Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
//
// librdkafka wants everything that came from a client gone before the client: declare the client first.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/log/log.h"

namespace freshet::log {

struct KafkaDelete {
  void operator()(rd_kafka_t* it) const { rd_kafka_destroy(it); }
  void operator()(rd_kafka_conf_t* it) const { rd_kafka_conf_destroy(it); }
  void operator()(rd_kafka_topic_t* it) const { rd_kafka_topic_destroy(it); }
  void operator()(rd_kafka_queue_t* it) const { rd_kafka_queue_destroy(it); }
  void operator()(rd_kafka_event_t* it) const { rd_kafka_event_destroy(it); }
  void operator()(rd_kafka_error_t* it) const { rd_kafka_error_destroy(it); }
  void operator()(rd_kafka_message_t* it) const { rd_kafka_message_destroy(it); }
  void operator()(rd_kafka_AdminOptions_t* it) const { rd_kafka_AdminOptions_destroy(it); }
  void operator()(rd_kafka_NewTopic_t* it) const { rd_kafka_NewTopic_destroy(it); }
  void operator()(rd_kafka_ConfigResource_t* it) const { rd_kafka_ConfigResource_destroy(it); }
  void operator()(rd_kafka_DeleteRecords_t* it) const { rd_kafka_DeleteRecords_destroy(it); }
  void operator()(rd_kafka_topic_partition_list_t* it) const { rd_kafka_topic_partition_list_destroy(it); }
  void operator()(const struct rd_kafka_metadata* it) const { rd_kafka_metadata_destroy(it); }
};

template <class T>
using Handle = std::unique_ptr<T, KafkaDelete>;

using PartitionList = Handle<rd_kafka_topic_partition_list_t>;

inline PartitionList NewPartitionList(size_t capacity = 1) {
  return PartitionList(rd_kafka_topic_partition_list_new(static_cast<int>(capacity)));
}

inline rd_kafka_topic_partition_t& AddTo(PartitionList& list, const TopicPartition& partition, int64_t offset) {
  rd_kafka_topic_partition_t* const row = rd_kafka_topic_partition_list_add(
      list.get(), partition.topic.c_str(), static_cast<int32_t>(partition.partition.value));
  row->offset = offset;
  return *row;
}

inline std::span<rd_kafka_topic_partition_t> RowsOf(const rd_kafka_topic_partition_list_t* list) {
  return {list->elems, static_cast<size_t>(list->cnt)};
}

inline TopicPartition NameOf(const rd_kafka_topic_partition_t& row) {
  return {row.topic, Partition(static_cast<uint32_t>(row.partition))};
}

inline int MillisOf(Duration duration) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace freshet::log
