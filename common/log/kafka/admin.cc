#include "common/log/kafka/admin.h"

#include "common/log/kafka/errors.h"

namespace freshet::log {
namespace {

constexpr Duration kGrace = std::chrono::seconds(1);  // librdkafka tells a timeout itself, a little late

Status InvalidName(const std::string& topic) {
  return Status(Code::kConfiguration, "no topic can be called so: topic=" + topic);
}

}  // namespace

Result<Handle<rd_kafka_event_t>> Admin::Ask(rd_kafka_admin_op_t operation, const Start& start) const {
  rd_kafka_poll(&client_, 0);  // whatever errors the client has to tell
  const Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(&client_));
  const Handle<rd_kafka_AdminOptions_t> admin(rd_kafka_AdminOptions_new(&client_, operation));
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), MillisOf(options_.request_timeout), nullptr, 0);
  start(admin.get(), queue.get());
  Handle<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), MillisOf(options_.request_timeout + kGrace)));
  if (event == nullptr) return StatusOf(RD_KAFKA_RESP_ERR__TIMED_OUT, "administration");
  FRESHET_RETURN_IF_ERROR(StatusOf(rd_kafka_event_error(event.get()), "administration"));
  return event;
}

Result<std::map<std::string, Admin::TopicSettings>> Admin::Settings(const std::vector<std::string>& topics) const {
  std::vector<Handle<rd_kafka_ConfigResource_t>> resources;
  std::vector<rd_kafka_ConfigResource_t*> raw;
  for (const std::string& topic : topics) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    if (resources.back() == nullptr) return InvalidName(topic);
    raw.push_back(resources.back().get());
  }
  std::map<std::string, TopicSettings> all;
  if (raw.empty()) return all;
  FRESHET_ASSIGN_OR_RETURN(const auto event, Ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](auto* admin, auto* queue) {
                             rd_kafka_DescribeConfigs(&client_, raw.data(), raw.size(), admin, queue);
                           }));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** const told =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const std::string topic = rd_kafka_ConfigResource_name(told[i]);
    const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(told[i]);
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
    FRESHET_RETURN_IF_ERROR(StatusOf(error, "topic=" + topic));
    size_t entries = 0;
    const rd_kafka_ConfigEntry_t** const rows = rd_kafka_ConfigResource_configs(told[i], &entries);
    for (size_t k = 0; k < entries; ++k) {
      const char* const value = rd_kafka_ConfigEntry_value(rows[k]);
      all[topic][rd_kafka_ConfigEntry_name(rows[k])] = value == nullptr ? "" : value;
    }
  }
  return all;
}

Status Admin::CreateTopic(const TopicSpec& spec, const TopicSettings& settings) const {
  const int replicas = options_.replication_factor == 0 ? -1 : static_cast<int>(options_.replication_factor);
  const Handle<rd_kafka_NewTopic_t> topic(
      rd_kafka_NewTopic_new(spec.name.c_str(), static_cast<int>(spec.partitions), replicas, nullptr, 0));
  if (topic == nullptr) return InvalidName(spec.name);
  for (const auto& [name, value] : settings) rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  FRESHET_ASSIGN_OR_RETURN(const auto event, Ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](auto* admin, auto* queue) {
                             // The answer comes when the brokers know it, not when the controller does.
                             rd_kafka_AdminOptions_set_operation_timeout(admin, MillisOf(options_.request_timeout),
                                                                         nullptr, 0);
                             rd_kafka_NewTopic_t* raw = topic.get();
                             rd_kafka_CreateTopics(&client_, &raw, 1, admin, queue);
                           }));
  size_t count = 0;
  const rd_kafka_topic_result_t** const told =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(told[0]);
  if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return OkStatus();
  return StatusOf(error, "topic=" + spec.name);
}

Result<uint32_t> Admin::PartitionsOf(const std::string& topic) const {
  rd_kafka_poll(&client_, 0);
  const Handle<rd_kafka_topic_t> handle(rd_kafka_topic_new(&client_, topic.c_str(), nullptr));
  if (handle == nullptr) return InvalidName(topic);
  const struct rd_kafka_metadata* raw = nullptr;
  const auto error = rd_kafka_metadata(&client_, 0, handle.get(), &raw, MillisOf(options_.request_timeout));
  const Handle<const struct rd_kafka_metadata> metadata(raw);
  FRESHET_RETURN_IF_ERROR(StatusOf(error, "topic=" + topic));
  if (metadata->topic_cnt == 0) return 0u;
  const struct rd_kafka_metadata_topic& told = metadata->topics[0];
  if (told.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return 0u;
  if (told.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
    FRESHET_RETURN_IF_ERROR(StatusOf(told.err, "topic=" + topic));
  }
  return static_cast<uint32_t>(told.partition_cnt);
}

Status Admin::DeleteRecordsBelow(const TopicPartition& partition, Offset first) const {
  PartitionList list = NewPartitionList();
  AddTo(list, partition, static_cast<int64_t>(first.value));
  const Handle<rd_kafka_DeleteRecords_t> order(rd_kafka_DeleteRecords_new(list.get()));
  FRESHET_ASSIGN_OR_RETURN(const auto event, Ask(RD_KAFKA_ADMIN_OP_DELETERECORDS, [&](auto* admin, auto* queue) {
                             rd_kafka_DeleteRecords_t* raw = order.get();
                             rd_kafka_DeleteRecords(&client_, &raw, 1, admin, queue);
                           }));
  const auto* const told = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  for (const rd_kafka_topic_partition_t& row : RowsOf(told)) {
    FRESHET_RETURN_IF_ERROR(StatusOf(row.err, Where(partition)));
  }
  return OkStatus();
}

}  // namespace freshet::log
