#include "connectors/debezium/kafka_topics.h"

#include "common/telemetry/log.h"

namespace freshet::debezium {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(30);
constexpr log::PollLimits kBatch{.max_records = 1000, .max_bytes = 1u << 20};

Result<std::map<std::string, uint32_t>> PartitionsOf(const log::KafkaLog& log, const std::vector<std::string>& topics) {
  std::map<std::string, uint32_t> partitions;
  for (const std::string& topic : topics) {
    FRESHET_ASSIGN_OR_RETURN(partitions[topic], log.PartitionsOf(topic));
  }
  return partitions;
}

bool AnyThere(const std::map<std::string, uint32_t>& partitions) {
  return std::any_of(partitions.begin(), partitions.end(), [](const auto& one) { return one.second > 0; });
}

Status NoneThere(const std::vector<std::string>& topics) {
  return Status(Code::kConfiguration,
                "None of the topics is there; has Debezium made its snapshot, and is `prefix` its topic.prefix? The "
                "first would be " +
                    (topics.empty() ? std::string("none") : topics.front()));
}

}  // namespace

Status KafkaTopics::Check(const std::vector<std::string>& topics) {
  FRESHET_ASSIGN_OR_RETURN(const auto log, log::KafkaLog::Open(options_));
  FRESHET_ASSIGN_OR_RETURN(const auto partitions, PartitionsOf(*log, topics));
  return AnyThere(partitions) ? OkStatus() : NoneThere(topics);
}

Status KafkaTopics::Open(const std::vector<std::string>& topics, const Offsets& next) {
  Close();
  FRESHET_ASSIGN_OR_RETURN(log_, log::KafkaLog::Open(options_));
  FRESHET_ASSIGN_OR_RETURN(partitions_, PartitionsOf(*log_, topics));
  if (!AnyThere(partitions_)) return NoneThere(topics);
  std::vector<std::pair<log::TopicPartition, Offset>> starts;
  missing_ = 0;
  for (const auto& [topic, count] : partitions_) {
    if (count == 0) ++missing_;
    if (count == 0) Log(LogLevel::kInfo, "Topic is not there yet.", {{"topic", Coordinate(topic)}});
    std::string from;
    for (uint32_t i = 0; i < count; ++i) {
      const log::TopicPartition partition{topic, Partition(i)};
      const auto stored = next.find(partition);
      starts.emplace_back(partition, stored == next.end() ? Offset(0) : stored->second);
      from += (i == 0 ? "" : ",") + std::to_string(starts.back().second.value);
    }
    if (count > 0) Log(LogLevel::kInfo, "Topic is read.", {{"topic", Coordinate(topic)}, {"from", Coordinate(from)}});
  }
  next_look_ = std::chrono::steady_clock::now() + kLookEvery;
  FRESHET_ASSIGN_OR_RETURN(consumer_, log_->Assign(std::move(starts), &waker_));
  return OkStatus();
}

void KafkaTopics::Close() {
  consumer_.reset();
  log_.reset();
}

Result<log::Polled> KafkaTopics::Poll(Duration wait) {
  FRESHET_RETURN_IF_ERROR(LookForNew());
  FRESHET_ASSIGN_OR_RETURN(log::Polled polled, consumer_->Poll(kBatch));
  if (!polled.records.empty() || !polled.gaps.empty() || wait <= Duration(0)) return polled;
  waker_.Wait(wait);
  return consumer_->Poll(kBatch);
}

Status KafkaTopics::LookForNew() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return OkStatus();
  next_look_ = now + kLookEvery;
  for (const auto& [topic, known] : partitions_) {
    FRESHET_ASSIGN_OR_RETURN(const uint32_t count, log_->PartitionsOf(topic));
    if (count == known) continue;
    return Status(Code::kUnavailable, "topic=" + topic + " has other partitions than before");
  }
  return OkStatus();
}

}  // namespace freshet::debezium
