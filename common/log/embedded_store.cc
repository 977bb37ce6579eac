#include "common/log/embedded_store.h"

#include "common/base/bytes.h"
#include "common/log/embedded_keys.h"

namespace freshet::log {

using store::ToSlice;
using store::ToView;

// One caller's records, waiting for whoever writes.
struct LogStore::Request {
  std::span<const NewRecord> records;
  std::vector<Offset> offsets;
  Status status;
  bool done = false;
  size_t bytes = 0;
};

Result<std::shared_ptr<LogStore>> LogStore::Open(EmbeddedLogOptions options) {
  auto log = std::shared_ptr<LogStore>(new LogStore(std::move(options)));
  FRESHET_ASSIGN_OR_RETURN(log->database_,
                           store::Database::Open({.path = log->options_.path,
                                                  .families = {"records", "topics", "progress"},
                                                  .env = log->options_.env,
                                                  .block_cache_bytes = log->options_.block_cache_bytes,
                                                  .write_buffer_bytes = log->options_.write_buffer_bytes}));
  FRESHET_RETURN_IF_ERROR(log->Load());
  return log;
}

Time LogStore::Now() const { return options_.clock != nullptr ? options_.clock->Now() : system_clock_.Now(); }

Status LogStore::Load() {
  std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator({}, database_->family(kTopics)));
  for (it->Seek("n"); it->Valid() && it->key().starts_with("n"); it->Next()) {
    Topic topic;
    topic.spec.name = std::string(ToView(it->key()).substr(1));
    if (!DecodeTopic(ToView(it->value()), topic.number, topic.spec)) {
      return Status(Code::kCorruptStore, "a topic of the log cannot be read");
    }
    topics_[topic.spec.name] = std::move(topic);
  }
  FRESHET_RETURN_IF_ERROR(store::FromRocks(it->status()));
  for (auto& [name, topic] : topics_) {
    topic.partitions.resize(topic.spec.partitions);
    for (uint32_t i = 0; i < topic.spec.partitions; ++i) FRESHET_RETURN_IF_ERROR(LoadPartition(topic, i));
  }
  return OkStatus();
}

Status LogStore::LoadPartition(Topic& topic, uint32_t partition) {
  PartitionState& state = topic.partitions[partition];
  FRESHET_ASSIGN_OR_RETURN(const auto bounds, database_->Get(kTopics, BoundsKey(topic.number, partition)));
  if (bounds && !DecodeBounds(*bounds, state.first, state.end)) {
    return Status(Code::kCorruptStore, "the bounds of a partition cannot be read");
  }
  std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator({}, database_->family(kRecords)));
  it->SeekForPrev(RecordKey(topic.number, partition, Offset(UINT64_MAX)));
  if (it->Valid() && it->key().starts_with(PartitionPrefix(topic.number, partition))) {
    state.end = std::max(state.end, Offset(OffsetOf(ToView(it->key())).value + 1));
  }
  FRESHET_RETURN_IF_ERROR(store::FromRocks(it->status()));
  const std::string begin = RecordKey(topic.number, partition, Offset(0));
  const std::string end = RecordKey(topic.number, partition, Offset(UINT64_MAX));
  const rocksdb::Range range(begin, end);
  database_->db().GetApproximateSizes(database_->family(kRecords), &range, 1, &state.bytes);
  return OkStatus();
}

Status LogStore::CreateTopics(std::span<const TopicSpec> specs) {
  for (const TopicSpec& spec : specs) FRESHET_RETURN_IF_ERROR(CreateTopic(spec));
  return OkStatus();
}

Status LogStore::CreateTopic(const TopicSpec& spec) {
  std::unique_lock lock(mutex_);
  if (spec.partitions == 0 || spec.name.empty()) {
    return Status(Code::kConfiguration, "a topic has a name and at least one partition");
  }
  const auto it = topics_.find(spec.name);
  if (it != topics_.end()) {
    if (it->second.spec.partitions != spec.partitions || it->second.spec.compacted != spec.compacted) {
      return Status(Code::kConfiguration, "topic " + spec.name + " exists with other settings");
    }
    it->second.spec = spec;
    return OkStatus();
  }
  Topic topic{.number = static_cast<uint32_t>(topics_.size() + 1), .spec = spec};
  topic.partitions.resize(spec.partitions);
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(kTopics), "n" + spec.name, EncodeTopic(topic.number, spec));
  FRESHET_RETURN_IF_ERROR(database_->Write(batch, store::Durability::kSync));
  topics_[spec.name] = std::move(topic);
  return OkStatus();
}

Result<LogStore::Topic*> LogStore::Find(const TopicPartition& partition) {
  const auto it = topics_.find(partition.topic);
  if (it == topics_.end()) return Status(Code::kConfiguration, "there is no topic " + partition.topic);
  if (partition.partition.value >= it->second.spec.partitions) {
    return Status(Code::kConfiguration, "topic " + partition.topic + " has no such partition");
  }
  return &it->second;
}

Result<const LogStore::Topic*> LogStore::Find(const TopicPartition& partition) const {
  FRESHET_ASSIGN_OR_RETURN(const Topic* topic, const_cast<LogStore*>(this)->Find(partition));
  return topic;
}

Result<uint32_t> LogStore::PartitionsOf(const std::string& topic) const {
  std::lock_guard lock(mutex_);
  FRESHET_ASSIGN_OR_RETURN(const Topic* found, Find({topic, Partition(0)}));
  return found->spec.partitions;
}

Result<OffsetRange> LogStore::Range(const TopicPartition& partition) const {
  std::lock_guard lock(mutex_);
  FRESHET_ASSIGN_OR_RETURN(const Topic* topic, Find(partition));
  const PartitionState& state = topic->partitions[partition.partition.value];
  return OffsetRange{state.first, state.end};
}

Status LogStore::CheckRecords(std::span<const NewRecord> records) const {
  for (const NewRecord& record : records) {
    FRESHET_ASSIGN_OR_RETURN(const Topic* topic, Find({record.topic, record.partition}));
    const size_t size = record.key.size() + (record.value ? record.value->size() : 0);
    if (size > topic->spec.max_record_bytes) {
      return Status(Code::kDocumentTooLarge, std::to_string(size) + " bytes for topic " + record.topic);
    }
  }
  return OkStatus();
}

Result<std::vector<Offset>> LogStore::Append(std::span<const NewRecord> records) {
  if (records.empty()) return std::vector<Offset>{};
  Request request{.records = records};
  for (const NewRecord& record : records)
    request.bytes += record.key.size() + (record.value ? record.value->size() : 0);
  std::unique_lock lock(mutex_);
  FRESHET_RETURN_IF_ERROR(CheckRecords(records));
  queue_.push_back(&request);
  while (!request.done) {
    if (writing_) {
      written_.wait(lock);
    } else {
      WriteQueued(lock);
    }
  }
  lock.unlock();
  if (!request.status.ok()) return request.status;
  return std::move(request.offsets);
}

// Writes what waits, for all who wait. Called with the lock held, which is let go during the write; `writing_` keeps
// everybody else from giving offsets meanwhile.
void LogStore::WriteQueued(std::unique_lock<std::mutex>& lock) {
  std::vector<Request*> batch;
  for (size_t bytes = 0; !queue_.empty() && (batch.empty() || bytes < options_.group_commit_bytes);) {
    batch.push_back(queue_.front());
    bytes += queue_.front()->bytes;
    queue_.pop_front();
  }
  std::map<std::pair<uint32_t, uint32_t>, Offset> ends;
  rocksdb::WriteBatch writes;
  const Time now = Now();
  for (Request* request : batch) {
    for (const NewRecord& record : request->records) {
      const Topic& topic = topics_.at(record.topic);
      const uint32_t partition = record.partition.value;
      const auto [end, is_new] = ends.try_emplace({topic.number, partition}, topic.partitions[partition].end);
      writes.Put(database_->family(kRecords), RecordKey(topic.number, partition, end->second),
                 EncodeRecord(record, now));
      request->offsets.push_back(end->second);
      ++end->second.value;
    }
  }
  writing_ = true;
  lock.unlock();
  const Status status = database_->Write(writes, store::Durability::kSync);
  lock.lock();
  writing_ = false;
  for (Request* request : batch) request->status = status;
  if (status.ok()) Publish(batch);
  for (Request* request : batch) request->done = true;
  written_.notify_all();
}

void LogStore::Publish(const std::vector<Request*>& batch) {
  std::set<Waker*> wakers;
  for (const Request* request : batch) {
    for (size_t i = 0; i < request->records.size(); ++i) {
      const NewRecord& record = request->records[i];
      Topic& topic = topics_.at(record.topic);
      PartitionState& state = topic.partitions[record.partition.value];
      state.end = Offset(request->offsets[i].value + 1);
      state.bytes += record.key.size() + (record.value ? record.value->size() : 0) + 32;
      wakers.insert(topic.wakers.begin(), topic.wakers.end());
    }
  }
  for (Waker* waker : wakers) waker->Wake();
}

void LogStore::AddWaker(const std::vector<std::string>& topics, Waker* waker) {
  if (waker == nullptr) return;
  std::lock_guard lock(mutex_);
  for (const std::string& topic : topics) topics_.at(topic).wakers.insert(waker);
}

Result<Progress> LogStore::Committed(const std::string& group, const TopicPartition& partition) {
  FRESHET_ASSIGN_OR_RETURN(const OffsetRange range, Range(partition));
  FRESHET_ASSIGN_OR_RETURN(const auto stored, database_->Get(kProgress, ProgressKey(group, partition)));
  if (!stored) return Progress{range.first, ""};
  Progress progress;
  if (!DecodeProgress(*stored, progress)) return Status(Code::kCorruptStore, "a group's progress cannot be read");
  return progress;
}

Status LogStore::Read(const TopicPartition& partition, Offset& at, PollLimits& left, Polled& out) {
  uint32_t number = 0;
  OffsetRange range;
  {
    std::lock_guard lock(mutex_);
    FRESHET_ASSIGN_OR_RETURN(const Topic* topic, Find(partition));
    number = topic->number;
    range = {topic->partitions[partition.partition.value].first, topic->partitions[partition.partition.value].end};
  }
  if (at < range.first) {
    out.gaps.push_back({partition.topic, partition.partition, at, range.first});
    at = range.first;
  }
  if (at >= range.end) return OkStatus();
  std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator({}, database_->family(kRecords)));
  it->Seek(RecordKey(number, partition.partition.value, at));
  const std::string prefix = PartitionPrefix(number, partition.partition.value);
  for (; left.max_records > 0 && left.max_bytes > 0; it->Next()) {
    const bool there = it->Valid() && it->key().starts_with(prefix) && OffsetOf(ToView(it->key())) < range.end;
    if (!there) {
      FRESHET_RETURN_IF_ERROR(store::FromRocks(it->status()));
      at = range.end;  // what is missing, compaction took
      return OkStatus();
    }
    Delivered record{.topic = partition.topic, .partition = partition.partition, .offset = OffsetOf(ToView(it->key()))};
    if (!DecodeRecord(ToView(it->value()), record)) return Status(Code::kCorruptStore, "a record of the log");
    const size_t size = record.key.size() + (record.value ? record.value->size() : 0);
    at = Offset(record.offset.value + 1);
    --left.max_records;
    left.max_bytes -= std::min(left.max_bytes, size);
    out.records.push_back(std::move(record));
  }
  return OkStatus();
}

}  // namespace freshet::log
