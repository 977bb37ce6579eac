#include "common/log/kafka/partition_queues.h"

#include <algorithm>

namespace freshet::log {
namespace {

constexpr size_t kLongestTurn = 256;

void OnEvent(rd_kafka_t*, void* waker) { static_cast<Waker*>(waker)->Wake(); }

size_t SizeOf(const rd_kafka_message_t& message) { return message.key_len + message.len; }

std::string Bytes(const void* data, size_t size) { return std::string(static_cast<const char*>(data), size); }

Delivered ToRecord(const TopicPartition& name, const rd_kafka_message_t& message) {
  Delivered record{.topic = name.topic,
                   .partition = name.partition,
                   .offset = Offset(static_cast<uint64_t>(message.offset)),
                   .key = message.key == nullptr ? std::string() : Bytes(message.key, message.key_len),
                   .value = std::nullopt,
                   .appended = {}};
  if (message.payload != nullptr) record.value = Bytes(message.payload, message.len);
  const int64_t millis = rd_kafka_message_timestamp(&message, nullptr);
  if (millis > 0) record.appended = Time(std::chrono::milliseconds(millis));
  return record;
}

}  // namespace

PartitionQueues::Source* PartitionQueues::Find(const TopicPartition& partition) {
  const auto found = std::ranges::find(sources_, partition, &Source::name);
  return found == sources_.end() ? nullptr : &*found;
}

void PartitionQueues::Open(const TopicPartition& partition) {
  if (Find(partition) != nullptr) return;
  Source source{.name = partition, .queue = nullptr, .fetched = {}};
  source.queue.reset(
      rd_kafka_queue_get_partition(&client_, partition.topic.c_str(), static_cast<int32_t>(partition.partition.value)));
  rd_kafka_queue_forward(source.queue.get(), nullptr);
  if (waker_ != nullptr) rd_kafka_queue_cb_event_enable(source.queue.get(), &OnEvent, waker_);
  sources_.push_back(std::move(source));
}

void PartitionQueues::Close(const TopicPartition& partition) {
  std::erase_if(sources_, [&](const Source& source) { return source.name == partition; });
}

void PartitionQueues::Forget(const TopicPartition& partition) {
  Source* const source = Find(partition);
  if (source == nullptr) return;
  source->fetched.clear();
  source->at_end = false;
}

bool PartitionQueues::AtEnd() const { return !sources_.empty() && std::ranges::all_of(sources_, &Source::at_end); }

bool PartitionQueues::Fetch(Source& source, size_t count) {
  if (!source.fetched.empty()) return true;
  rd_kafka_message_t* messages[kLongestTurn];
  const ssize_t got = rd_kafka_consume_batch_queue(source.queue.get(), 0, messages, std::min(count, kLongestTurn));
  for (ssize_t i = 0; i < got; ++i) source.fetched.emplace_back(messages[i]);
  return got > 0;
}

PartitionQueues::Turn PartitionQueues::TakeTurn(Source& source, size_t count, Room& room, Taken& taken) {
  if (!Fetch(source, count)) return Turn::kDone;
  for (; count > 0 && !source.fetched.empty(); --count) {
    const rd_kafka_message_t& message = *source.fetched.front();
    source.at_end = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (source.at_end) {
      source.fetched.pop_front();
      continue;
    }
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      taken.errors.push_back({source.name, message.err, message.offset});
      source.fetched.pop_front();
      continue;
    }
    const size_t size = SizeOf(message);
    if (room.records == 0 || (room.any && size > room.bytes)) return Turn::kFull;
    taken.records.push_back(ToRecord(source.name, message));
    source.fetched.pop_front();
    --room.records;
    room.bytes -= std::min(size, room.bytes);
    room.any = true;
  }
  return Turn::kDone;
}

void PartitionQueues::Take(PollLimits limits, Taken& taken) {
  if (sources_.empty()) return;
  Room room{.records = limits.max_records, .bytes = limits.max_bytes};
  const size_t turn = std::clamp<size_t>(limits.max_records / sources_.size(), 1, kLongestTurn);
  const size_t start = first_ % sources_.size();
  first_ = start + 1;
  for (bool progress = true; progress;) {
    progress = false;
    for (size_t i = 0; i < sources_.size(); ++i) {
      const size_t at = (start + i) % sources_.size();
      const size_t before = taken.records.size();
      const Turn ended = TakeTurn(sources_[at], turn, room, taken);
      progress |= taken.records.size() > before;
      const bool full = ended == Turn::kFull || room.records == 0;
      if (full && limits.max_records > 0) {
        first_ = ended == Turn::kFull ? at : at + 1;
        return;
      }
    }
  }
}

}  // namespace freshet::log
