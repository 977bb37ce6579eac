#include "common/log/append_queue.h"

#include <algorithm>
#include <array>

namespace freshet::log {
namespace {

size_t SizeOf(const NewRecord& record) { return record.key.size() + (record.value ? record.value->size() : 0); }

}  // namespace

Result<std::vector<Offset>> AppendQueue::Append(std::span<const AppendTarget> targets) {
  Waiter self{.targets = targets};
  for (const AppendTarget& target : targets) self.bytes += SizeOf(*target.record);

  std::unique_lock lock(mutex_);
  waiting_.push_back(&self);
  self.turn.wait(lock, [&] { return self.done || (!writing_ && waiting_.front() == &self); });
  if (!self.done) {
    const Group group = TakeGroup();
    writing_ = true;
    lock.unlock();
    const Status status = Write(group);
    lock.lock();
    writing_ = false;
    for (Waiter* waiter : group) {
      waiter->status = status;
      waiter->done = true;
      if (waiter != &self) waiter->turn.notify_one();
    }
    if (!waiting_.empty()) waiting_.front()->turn.notify_one();
  }
  if (!self.status.ok()) return self.status;
  return std::move(self.offsets);
}

AppendQueue::Group AppendQueue::TakeGroup() {
  Group group;
  size_t bytes = 0;
  while (!waiting_.empty() && (group.empty() || bytes + waiting_.front()->bytes <= options_.group_bytes)) {
    bytes += waiting_.front()->bytes;
    group.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return group;
}

Status AppendQueue::Write(const Group& group) {
  const Time now = options_.clock.Now();
  rocksdb::WriteBatch batch;
  std::unordered_map<PartitionState*, Ahead> partitions;
  for (Waiter* waiter : group) {
    waiter->offsets.reserve(waiter->targets.size());
    for (const AppendTarget& target : waiter->targets) {
      PartitionState* state = target.partition.state;
      Ahead& ahead = partitions.try_emplace(state, Ahead{state->end, state->bytes, state->newest_micros}).first->second;
      waiter->offsets.push_back(Offset(ahead.end));
      FRESHET_RETURN_IF_ERROR(Add(target, now, ahead, batch));
    }
  }
  FRESHET_RETURN_IF_ERROR(options_.database.Write(batch, store::Durability::kSync));
  std::vector<const PartitionState*> grown;
  for (const auto& [state, ahead] : partitions) {
    state->bytes = ahead.bytes;
    state->newest_micros = ahead.newest_micros;
    state->end = ahead.end;
    grown.push_back(state);
  }
  options_.wakes.Wake(grown);
  return OkStatus();
}

Status AppendQueue::Add(const AppendTarget& target, Time now, Ahead& ahead, rocksdb::WriteBatch& batch) {
  const NewRecord& record = *target.record;
  ahead.bytes += SizeOf(record);
  ahead.newest_micros = std::max(ahead.newest_micros, ToMicros(now));  // a clock may be set back
  StoredRecord stored{.appended = FromMicros(ahead.newest_micros), .bytes_so_far = ahead.bytes, .key = record.key};
  if (record.value) stored.value = *record.value;
  const std::string key = StoredRecordKey(target.partition.id, Offset(ahead.end++));
  const std::string head = RecordHead(stored);
  const rocksdb::Slice key_slice(key);
  const std::array<rocksdb::Slice, 3> value = {head, record.key, stored.value ? store::ToSlice(*stored.value) : ""};
  return store::FromRocks(batch.Put(options_.database.family(kRecords), rocksdb::SliceParts(&key_slice, 1),
                                    rocksdb::SliceParts(value.data(), value.size())));
}

}  // namespace freshet::log
