#include "common/log/kafka/group_offsets.h"

#include "common/log/kafka/errors.h"

namespace freshet::log {

Result<rd_kafka_t*> GroupOffsets::ClientOf(const std::string& group) {
  std::lock_guard lock(mutex_);
  Handle<rd_kafka_t>& client = clients_[group];
  if (client == nullptr) {
    FRESHET_ASSIGN_OR_RETURN(client, NewClient(options_, Role::kConsume, {.group = group}));
  }
  rd_kafka_poll(client.get(), 0);  // whatever errors the client has to tell
  return client.get();
}

Result<GroupOffsets::Rows> GroupOffsets::Committed(const std::string& group,
                                                   std::span<const TopicPartition> partitions) {
  FRESHET_ASSIGN_OR_RETURN(rd_kafka_t* const client, ClientOf(group));
  PartitionList list = NewPartitionList(partitions.size());
  for (const TopicPartition& partition : partitions) AddTo(list, partition, RD_KAFKA_OFFSET_INVALID);
  FRESHET_RETURN_IF_ERROR(
      StatusOf(rd_kafka_committed(client, list.get(), MillisOf(options_.request_timeout)), "group=" + group));
  Rows rows;
  for (const rd_kafka_topic_partition_t& row : RowsOf(list.get())) {
    FRESHET_RETURN_IF_ERROR(StatusOf(row.err, "group=" + group + " " + Where(NameOf(row))));
    const auto* const metadata = static_cast<const char*>(row.metadata);
    rows[NameOf(row)] = {row.offset, std::string(metadata, metadata == nullptr ? 0 : row.metadata_size)};
  }
  return rows;
}

Status GroupOffsets::Set(const std::string& group, const std::map<TopicPartition, Offset>& offsets) {
  FRESHET_ASSIGN_OR_RETURN(rd_kafka_t* const client, ClientOf(group));
  PartitionList list = NewPartitionList(offsets.size());
  for (const auto& [partition, offset] : offsets) AddTo(list, partition, static_cast<int64_t>(offset.value));
  FRESHET_RETURN_IF_ERROR(StatusOf(rd_kafka_commit(client, list.get(), 0), "group=" + group));
  for (const rd_kafka_topic_partition_t& row : RowsOf(list.get())) {
    FRESHET_RETURN_IF_ERROR(StatusOf(row.err, "group=" + group + " " + Where(NameOf(row))));
  }
  return OkStatus();
}

}  // namespace freshet::log
