#include "common/log/kafka/kafka_log.h"

#include <atomic>

#include "common/base/bytes.h"
#include "common/log/kafka/client.h"
#include "common/log/kafka/errors.h"
#include "common/log/kafka/group_offsets.h"
#include "common/log/kafka/kafka_consumer.h"
#include "common/log/kafka/patiently.h"
#include "common/log/kafka/producer.h"
#include "common/log/kafka/range.h"
#include "common/log/kafka/topics.h"
#include "common/telemetry/log.h"

namespace freshet::log {

namespace {

// The last error that an operator must mend, such as refused credentials: librdkafka itself would try for ever.
using Refusal = std::atomic<rd_kafka_resp_err_t>;

void OnAskError(rd_kafka_t*, int error, const char*, void* refusal) {
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  LogClientError(code);
  if (CodeOf(code) == Code::kConfiguration) *static_cast<Refusal*>(refusal) = code;
}

}  // namespace

struct KafkaLog::Parts {
  explicit Parts(KafkaOptions given) : options(std::move(given)), groups(options), producer(options) {}

  // Any broker's answer, or why there is none.
  Status Probe() {
    const auto deadline = std::chrono::steady_clock::now() + options.request_timeout;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
    while (error != RD_KAFKA_RESP_ERR_NO_ERROR && std::chrono::steady_clock::now() < deadline) {
      rd_kafka_poll(ask.get(), 0);
      if (refusal != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(refusal, "log.bootstrap_servers");
      const struct rd_kafka_metadata* metadata = nullptr;
      error = rd_kafka_metadata(ask.get(), 0, nullptr, &metadata, kProbeMillis);
      if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
    }
    return StatusOf(error, "log.bootstrap_servers");
  }

  // "The offset at time END" is the end, and so for BEGINNING: one question for all partitions of a broker. A leader
  // that is just being made is asked again.
  Status QueryOffsets(PartitionList& offsets, int64_t which) {
    return Patiently(options.request_timeout, [&] {
      rd_kafka_poll(ask.get(), 0);
      for (rd_kafka_topic_partition_t& row : RowsOf(offsets.get())) row.offset = which;
      Status status = StatusOf(rd_kafka_offsets_for_times(ask.get(), offsets.get(), MillisOf(options.request_timeout)),
                               "offsets of partitions");
      for (const rd_kafka_topic_partition_t& row : RowsOf(offsets.get())) {
        if (status.ok()) status = StatusOf(row.err, Where(NameOf(row)));
      }
      return status;
    });
  }

  static constexpr int kProbeMillis = 250;

  const KafkaOptions options;
  Refusal refusal = RD_KAFKA_RESP_ERR_NO_ERROR;
  Handle<rd_kafka_t> ask;
  std::unique_ptr<Admin> admin;
  std::unique_ptr<Topics> topics;
  GroupOffsets groups;
  Producer producer;
  std::mutex mutex;  // of the two below
  std::map<TopicPartition, Offset> floors;
  bool floors_told = true;
};

Result<std::unique_ptr<KafkaLog>> KafkaLog::Open(KafkaOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  FRESHET_ASSIGN_OR_RETURN(parts->ask,
                           NewClient(parts->options, Role::kAsk, {.opaque = &parts->refusal, .on_error = &OnAskError}));
  FRESHET_RETURN_IF_ERROR(parts->Probe());
  parts->admin = std::make_unique<Admin>(*parts->ask, parts->options);
  parts->topics = std::make_unique<Topics>(*parts->admin, parts->options);
  return std::unique_ptr<KafkaLog>(new KafkaLog(std::move(parts)));
}

KafkaLog::KafkaLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
KafkaLog::~KafkaLog() = default;

Status KafkaLog::CreateTopics(std::span<const TopicSpec> specs) { return parts_->topics->Create(specs); }

Result<std::vector<Offset>> KafkaLog::Append(std::span<const NewRecord> records) {
  bool all_fit = true;
  for (const NewRecord& record : records) {
    FRESHET_ASSIGN_OR_RETURN(const KnownTopic topic,
                             parts_->topics->Find(TopicPartition{record.topic, record.partition}));
    const size_t size = record.key.size() + (record.value ? record.value->size() : 0);
    all_fit = all_fit && topic.has_spec;
    if (size <= topic.max_record_bytes) continue;
    return Status(Code::kDocumentTooLarge, "topic=" + record.topic + " bytes=" + std::to_string(size));
  }
  if (records.empty()) return std::vector<Offset>();
  Result<std::vector<Offset>> appended = parts_->producer.Append(records);
  if (appended.code() != Code::kDocumentTooLarge || !all_fit) return appended;
  // The topic was made for such records, so somebody has lowered its limit since: not the records' fault.
  freshet::Log(LogLevel::kError, "Brokers refuse records that the topic was made for.", {{"error", appended.status()}});
  return Status(Code::kLogUnavailable, appended.status().message());
}

Result<OffsetRange> KafkaLog::Range(const TopicPartition& partition) {
  FRESHET_RETURN_IF_ERROR(parts_->topics->Find(partition).status());
  rd_kafka_poll(parts_->ask.get(), 0);
  return QueryRange(*parts_->ask, partition, parts_->options.request_timeout);
}

Result<Ranges> KafkaLog::RangesOf(std::span<const TopicPartition> partitions) {
  PartitionList offsets = NewPartitionList(partitions.size());
  Ranges ranges;
  for (const TopicPartition& partition : partitions) {
    FRESHET_RETURN_IF_ERROR(parts_->topics->Find(partition).status());
    if (ranges.try_emplace(partition).second) AddTo(offsets, partition, RD_KAFKA_OFFSET_END);
  }
  if (ranges.empty()) return ranges;
  // The beginning first: it only grows, so that no range ends before it begins.
  for (const int64_t which : {RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END}) {
    FRESHET_RETURN_IF_ERROR(parts_->QueryOffsets(offsets, which));
    for (const rd_kafka_topic_partition_t& row : RowsOf(offsets.get())) {
      OffsetRange& range = ranges[NameOf(row)];
      (which == RD_KAFKA_OFFSET_END ? range.end : range.first) = Offset(static_cast<uint64_t>(row.offset));
    }
  }
  return ranges;
}

Result<Progress> KafkaLog::Committed(const std::string& group, const TopicPartition& partition) {
  FRESHET_ASSIGN_OR_RETURN(const AllProgress all, CommittedOf(group, {&partition, 1}));
  return all.at(partition);
}

Result<AllProgress> KafkaLog::CommittedOf(const std::string& group, std::span<const TopicPartition> partitions) {
  for (const TopicPartition& partition : partitions) {
    FRESHET_RETURN_IF_ERROR(parts_->topics->Find(partition).status());
  }
  AllProgress all;
  for (const TopicPartition& partition : partitions) all.try_emplace(partition);
  if (all.empty()) return all;
  std::vector<TopicPartition> asked;  // each once, as librdkafka wants them
  for (const auto& [partition, progress] : all) asked.push_back(partition);
  // A group that is new, or whose coordinator moves, has none for a moment.
  FRESHET_ASSIGN_OR_RETURN(const auto committed, Patiently(parts_->options.request_timeout,
                                                           [&] { return parts_->groups.Committed(group, asked); }));
  std::vector<TopicPartition> never;
  for (const TopicPartition& partition : asked) {
    const auto row = committed.find(partition);
    if (row == committed.end() || row->second.first < 0) {
      never.push_back(partition);
      continue;
    }
    const Result<std::string> metadata = FromHex(row->second.second);
    // Text that is not ours came with an offset that an operator set.
    all[partition] = {Offset(static_cast<uint64_t>(row->second.first)), metadata.ok() ? *metadata : ""};
  }
  FRESHET_ASSIGN_OR_RETURN(const Ranges ranges, RangesOf(never));
  for (const auto& [partition, range] : ranges) all[partition] = Progress{range.first, ""};
  return all;
}

Result<std::unique_ptr<Consumer>> KafkaLog::Subscribe(const std::string& group, std::vector<std::string> topics,
                                                      Waker* waker) {
  Membership membership{.group = group, .topics = std::move(topics), .partitions = 0};
  for (const std::string& name : membership.topics) {
    FRESHET_ASSIGN_OR_RETURN(const KnownTopic topic, parts_->topics->Find(name));
    membership.partitions += topic.partitions;
  }
  return KafkaConsumer::Join(parts_->options, membership, waker);
}

Result<std::unique_ptr<Consumer>> KafkaLog::Assign(std::vector<std::pair<TopicPartition, Offset>> starts,
                                                   Waker* waker) {
  PartitionList ends = NewPartitionList(starts.size());
  for (const auto& [partition, offset] : starts) {
    FRESHET_RETURN_IF_ERROR(parts_->topics->Find(partition).status());
    AddTo(ends, partition, RD_KAFKA_OFFSET_END);
  }
  FRESHET_RETURN_IF_ERROR(parts_->QueryOffsets(ends, RD_KAFKA_OFFSET_END));
  for (size_t i = 0; i < starts.size(); ++i) {
    const rd_kafka_topic_partition_t& end = RowsOf(ends.get())[i];
    const auto& [partition, offset] = starts[i];
    if (static_cast<int64_t>(offset.value) <= end.offset) continue;
    return Status(Code::kConfiguration,
                  "a position beyond the log's end: " + Where(partition) + " position=" + std::to_string(offset.value));
  }
  return KafkaConsumer::Read(parts_->options, starts, waker);
}

Status KafkaLog::SetRetentionFloor(const TopicPartition& partition, Offset floor) {
  std::lock_guard lock(parts_->mutex);
  const auto [row, is_new] = parts_->floors.try_emplace(partition, floor);
  if (!is_new && row->second == floor) return OkStatus();
  row->second = floor;
  parts_->floors_told = false;
  return OkStatus();
}

Status KafkaLog::Maintain() {
  std::map<TopicPartition, Offset> floors;
  {
    std::lock_guard lock(parts_->mutex);
    if (parts_->floors_told || parts_->options.floor_group.empty()) return OkStatus();
    floors = parts_->floors;
    parts_->floors_told = true;
  }
  const Status told = parts_->groups.Set(parts_->options.floor_group, floors);
  if (told.ok()) return told;
  std::lock_guard lock(parts_->mutex);
  parts_->floors_told = false;
  return told;
}

Result<uint32_t> KafkaLog::PartitionsOf(const std::string& topic) const { return parts_->admin->PartitionsOf(topic); }

Status KafkaLog::Trim(const TopicPartition& partition, Offset first) {
  FRESHET_RETURN_IF_ERROR(parts_->topics->Find(partition).status());
  return parts_->admin->DeleteRecordsBelow(partition, first);
}

}  // namespace freshet::log
