// What retention and compaction take from the embedded log.
#include "common/log/embedded_keys.h"
#include "common/log/embedded_store.h"

namespace freshet::log {

using store::ToSlice;
using store::ToView;

Status LogStore::SetRetentionFloor(const TopicPartition& partition, Offset floor) {
  std::lock_guard lock(mutex_);
  FRESHET_ASSIGN_OR_RETURN(Topic * topic, Find(partition));
  topic->partitions[partition.partition.value].floor = floor;
  return OkStatus();
}

Status LogStore::Trim(const TopicPartition& partition, Offset first) {
  std::unique_lock lock(mutex_);
  FRESHET_ASSIGN_OR_RETURN(Topic * topic, Find(partition));
  return TrimLocked(lock, *topic, partition.partition.value, first);
}

// The new first is told to readers only when it is stored: a record never comes back.
Status LogStore::TrimLocked(std::unique_lock<std::mutex>& lock, Topic& topic, uint32_t partition, Offset first) {
  PartitionState& state = topic.partitions[partition];
  first = std::min(first, state.end);
  if (first <= state.first) return OkStatus();
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(kTopics), BoundsKey(topic.number, partition), EncodeBounds(first, state.end));
  batch.DeleteRange(database_->family(kRecords), RecordKey(topic.number, partition, state.first),
                    RecordKey(topic.number, partition, first));
  const double kept = double(state.end.value - first.value) / double(state.end.value - state.first.value);
  lock.unlock();
  const Status status = database_->Write(batch, store::Durability::kSync);
  lock.lock();
  if (!status.ok()) return status;
  state.first = std::max(state.first, first);
  state.bytes = static_cast<uint64_t>(double(state.bytes) * kept);
  return OkStatus();
}

Status LogStore::Maintain() {
  std::vector<std::pair<std::string, uint32_t>> partitions;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [name, topic] : topics_) {
      for (uint32_t i = 0; i < topic.spec.partitions; ++i) partitions.emplace_back(name, i);
    }
  }
  for (const auto& [name, partition] : partitions) {
    Topic* topic = nullptr;
    {
      std::lock_guard lock(mutex_);
      topic = &topics_.at(name);  // topics are never taken away
    }
    FRESHET_RETURN_IF_ERROR(topic->spec.compacted ? CompactPartition(*topic, partition)
                                                  : MaintainPartition(*topic, partition));
  }
  return OkStatus();
}

Status LogStore::MaintainPartition(Topic& topic, uint32_t partition) {
  FRESHET_ASSIGN_OR_RETURN(const Offset keep, FirstToKeep(topic, partition));
  std::unique_lock lock(mutex_);
  return TrimLocked(lock, topic, partition, std::min(keep, topic.partitions[partition].floor));
}

// By age: the first that is young enough, found by halving, as times grow with offsets. By size: as if all records of
// the partition were of one size.
Result<Offset> LogStore::FirstToKeep(const Topic& topic, uint32_t partition) {
  PartitionState state;
  TopicSpec spec;
  {
    std::lock_guard lock(mutex_);
    state = topic.partitions[partition];
    spec = topic.spec;
  }
  const Time oldest = Now() - spec.retention_time;
  Offset low = state.first, high = state.end;
  while (low < high) {
    const Offset middle(low.value + (high.value - low.value) / 2);
    FRESHET_ASSIGN_OR_RETURN(const Time appended, AppendedAt(topic, partition, middle));
    if (appended < oldest)
      low = Offset(middle.value + 1);
    else
      high = middle;
  }
  const uint64_t limit = spec.retention_bytes / spec.partitions;
  if (state.bytes > limit) {
    const double over = 1.0 - double(limit) / double(state.bytes);
    const auto records = static_cast<uint64_t>(over * double(state.end.value - state.first.value));
    low = std::max(low, Offset(state.first.value + records));
  }
  return low;
}

Result<Time> LogStore::AppendedAt(const Topic& topic, uint32_t partition, Offset at) {
  FRESHET_ASSIGN_OR_RETURN(const auto stored, database_->Get(kRecords, RecordKey(topic.number, partition, at)));
  Delivered record;
  if (!stored) return Time{};
  if (!DecodeRecord(*stored, record)) return Status(Code::kCorruptStore, "a record of the log cannot be read");
  return record.appended;
}

// Keeps the last record of each key; a tombstone goes when it is old. The very last record stays, so that the end does.
Status LogStore::CompactPartition(Topic& topic, uint32_t partition) {
  Offset end, up_to;
  {
    std::lock_guard lock(mutex_);
    PartitionState& state = topic.partitions[partition];
    const uint64_t fresh = state.end.value - state.compacted_up_to.value;
    if (fresh == 0 || double(fresh) < options_.compact_dirty_share * double(state.compacted + 1)) return OkStatus();
    end = state.end;
  }
  const Time old = Now() - options_.tombstone_keep;
  std::map<std::string, Offset> last;
  rocksdb::WriteBatch batch;
  uint64_t kept = 0;
  std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator({}, database_->family(kRecords)));
  const std::string prefix = PartitionPrefix(topic.number, partition);
  const auto drop = [&](Offset offset) {
    batch.Delete(database_->family(kRecords), RecordKey(topic.number, partition, offset));
  };
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    Delivered record{.offset = OffsetOf(ToView(it->key()))};
    if (record.offset >= end) break;
    if (!DecodeRecord(ToView(it->value()), record)) return Status(Code::kCorruptStore, "a record of the log");
    const auto [row, is_new] = last.try_emplace(record.key, record.offset);
    if (!is_new) drop(std::exchange(row->second, record.offset));
    kept += is_new;
    const bool goes = !record.value && record.appended < old && record.offset.value + 1 < end.value;
    if (goes) {
      drop(record.offset);
      last.erase(row);
      --kept;
    }
  }
  FRESHET_RETURN_IF_ERROR(store::FromRocks(it->status()));
  if (batch.Count() > 0) FRESHET_RETURN_IF_ERROR(database_->Write(batch, store::Durability::kBuffered));
  std::lock_guard lock(mutex_);
  topic.partitions[partition].compacted = kept;
  topic.partitions[partition].compacted_up_to = end;
  return OkStatus();
}

}  // namespace freshet::log
