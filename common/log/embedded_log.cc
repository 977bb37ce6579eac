#include "common/log/embedded_log.h"

#include <atomic>
#include <mutex>

#include "common/log/append_queue.h"
#include "common/log/compaction.h"
#include "common/log/embedded_consumer.h"
#include "common/log/groups.h"
#include "common/log/retention.h"
#include "common/log/topic_table.h"
#include "common/log/wake_table.h"
#include "common/store/database.h"

namespace freshet::log {

struct EmbeddedLog::Parts {
  Parts(const EmbeddedLogOptions& options, std::unique_ptr<store::Database> opened)
      : database(std::move(opened)),
        topics(*database),
        groups(*database, wakes),
        appends(
            {*database, wakes, options.clock != nullptr ? *options.clock : system_clock, options.group_commit_bytes}),
        retention(*database),
        compaction({*database, options.tombstone_keep, options.compact_dirty_share}),
        clock(options.clock != nullptr ? *options.clock : system_clock) {}

  SystemClock system_clock;
  std::unique_ptr<store::Database> database;
  TopicTable topics;
  WakeTable wakes;
  Groups groups;
  AppendQueue appends;
  std::mutex maintenance;  // of the two below
  Retention retention;
  Compaction compaction;
  const Clock& clock;
  std::atomic<uint64_t> last_consumer = 0;
};

Result<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(EmbeddedLogOptions options) {
  store::DatabaseOptions stored{.path = options.path,
                                .families = {std::begin(kFamilies), std::end(kFamilies)},
                                .env = options.env,
                                .block_cache_bytes = options.block_cache_bytes,
                                .write_buffer_bytes = options.write_buffer_bytes,
                                .compress = options.compress,
                                .tune = {}};
  FRESHET_ASSIGN_OR_RETURN(auto database, store::Database::Open(std::move(stored)));
  auto parts = std::make_shared<Parts>(options, std::move(database));
  FRESHET_RETURN_IF_ERROR(parts->topics.Load());
  return std::unique_ptr<EmbeddedLog>(new EmbeddedLog(std::move(parts)));
}

EmbeddedLog::EmbeddedLog(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
EmbeddedLog::~EmbeddedLog() = default;

Status EmbeddedLog::CreateTopics(std::span<const TopicSpec> specs) { return parts_->topics.Create(specs); }

Result<std::vector<Offset>> EmbeddedLog::Append(std::span<const NewRecord> records) {
  std::vector<AppendTarget> targets;
  targets.reserve(records.size());
  for (const NewRecord& record : records) {
    FRESHET_ASSIGN_OR_RETURN(const PartitionRef partition, parts_->topics.Find({record.topic, record.partition}));
    const size_t size = record.key.size() + (record.value ? record.value->size() : 0);
    if (size > partition.topic->max_record_bytes) {
      return Status(Code::kDocumentTooLarge, "topic=" + record.topic + " bytes=" + std::to_string(size));
    }
    targets.push_back({partition, &record});
  }
  if (targets.empty()) return std::vector<Offset>();
  return parts_->appends.Append(targets);
}

Result<OffsetRange> EmbeddedLog::Range(const TopicPartition& name) {
  FRESHET_ASSIGN_OR_RETURN(const PartitionRef partition, parts_->topics.Find(name));
  return OffsetRange{Offset(partition.state->first), Offset(partition.state->end)};
}

Result<Progress> EmbeddedLog::Committed(const std::string& group, const TopicPartition& name) {
  FRESHET_ASSIGN_OR_RETURN(const PartitionRef partition, parts_->topics.Find(name));
  return parts_->groups.Committed(group, partition);
}

Result<std::unique_ptr<Consumer>> EmbeddedLog::Subscribe(const std::string& group, std::vector<std::string> topics,
                                                         Waker* waker) {
  std::vector<const Topic*> found;
  for (const std::string& name : topics) {
    FRESHET_ASSIGN_OR_RETURN(const Topic* topic, parts_->topics.Find(name));
    found.push_back(topic);
  }
  const uint64_t id = ++parts_->last_consumer;
  auto consumer = std::make_unique<GroupConsumer>(
      GroupConsumer::Core{*parts_->database, parts_->topics, parts_->groups, parts_}, group, id);
  parts_->groups.Join(group, id, std::move(found), waker);
  return std::unique_ptr<Consumer>(std::move(consumer));
}

Result<std::unique_ptr<Consumer>> EmbeddedLog::Assign(std::vector<std::pair<TopicPartition, Offset>> starts,
                                                      Waker* waker) {
  std::vector<Cursor> cursors;
  for (const auto& [name, offset] : starts) {
    FRESHET_ASSIGN_OR_RETURN(const PartitionRef partition, parts_->topics.Find(name));
    if (offset.value > partition.state->end) {
      return Status(Code::kConfiguration, "a position beyond the log's end: topic=" + name.topic +
                                              " partition=" + std::to_string(name.partition.value) +
                                              " position=" + std::to_string(offset.value));
    }
    cursors.push_back({partition, offset.value});
  }
  return std::unique_ptr<Consumer>(
      std::make_unique<AssignedConsumer>(AssignedConsumer::Core{*parts_->database, parts_->wakes, parts_},
                                         ++parts_->last_consumer, std::move(cursors), waker));
}

Status EmbeddedLog::SetRetentionFloor(const TopicPartition& name, Offset floor) {
  FRESHET_ASSIGN_OR_RETURN(const PartitionRef partition, parts_->topics.Find(name));
  partition.state->floor = floor.value;
  return OkStatus();
}

Status EmbeddedLog::Maintain() {
  std::lock_guard lock(parts_->maintenance);
  const Time now = parts_->clock.Now();
  for (const Topic* topic : parts_->topics.All()) {
    FRESHET_RETURN_IF_ERROR(parts_->retention.Apply(*topic, now));
    FRESHET_RETURN_IF_ERROR(parts_->compaction.Apply(*topic, now));
  }
  return OkStatus();
}

Status EmbeddedLog::Trim(const TopicPartition& name, Offset first) {
  FRESHET_ASSIGN_OR_RETURN(const PartitionRef partition, parts_->topics.Find(name));
  std::lock_guard lock(parts_->maintenance);
  return parts_->retention.Trim(partition, first);
}

uint64_t EmbeddedLog::BytesOnDisk() const { return parts_->database->BytesOnDisk(); }

}  // namespace freshet::log
