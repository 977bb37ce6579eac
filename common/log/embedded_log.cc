#include "common/log/embedded_log.h"

#include "common/log/embedded_consumer.h"
#include "common/log/embedded_store.h"

namespace freshet::log {

// Everything stands in LogStore; consumers share it, so that it outlives them.
struct EmbeddedLog::Parts {
  std::shared_ptr<LogStore> store;
};

EmbeddedLog::EmbeddedLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EmbeddedLog::~EmbeddedLog() = default;

Result<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(EmbeddedLogOptions options) {
  FRESHET_ASSIGN_OR_RETURN(auto store, LogStore::Open(std::move(options)));
  return std::unique_ptr<EmbeddedLog>(new EmbeddedLog(std::make_unique<Parts>(Parts{std::move(store)})));
}

Status EmbeddedLog::CreateTopics(std::span<const TopicSpec> specs) { return parts_->store->CreateTopics(specs); }

Result<std::vector<Offset>> EmbeddedLog::Append(std::span<const NewRecord> records) {
  return parts_->store->Append(records);
}

Result<OffsetRange> EmbeddedLog::Range(const TopicPartition& partition) { return parts_->store->Range(partition); }

Result<Progress> EmbeddedLog::Committed(const std::string& group, const TopicPartition& partition) {
  return parts_->store->Committed(group, partition);
}

Result<std::unique_ptr<Consumer>> EmbeddedLog::Subscribe(const std::string& group, std::vector<std::string> topics,
                                                         Waker* waker) {
  return NewGroupConsumer(parts_->store, group, std::move(topics), waker);
}

Result<std::unique_ptr<Consumer>> EmbeddedLog::Assign(std::vector<std::pair<TopicPartition, Offset>> starts,
                                                      Waker* waker) {
  return NewAssignedConsumer(parts_->store, std::move(starts), waker);
}

Status EmbeddedLog::SetRetentionFloor(const TopicPartition& partition, Offset floor) {
  return parts_->store->SetRetentionFloor(partition, floor);
}

Status EmbeddedLog::Maintain() { return parts_->store->Maintain(); }

Status EmbeddedLog::Trim(const TopicPartition& partition, Offset first) {
  return parts_->store->Trim(partition, first);
}

uint64_t EmbeddedLog::BytesOnDisk() const { return parts_->store->BytesOnDisk(); }

}  // namespace freshet::log
