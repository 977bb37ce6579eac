#include "common/log/topic_table.h"

#include <algorithm>
#include <mutex>

namespace freshet::log {
namespace {

using store::FromRocks;
using store::ToSlice;
using store::ToView;

void Configure(Topic& topic, const TopicSpec& spec) {
  topic.retention_micros = spec.retention_time.count();
  topic.retention_bytes = spec.retention_bytes;
  topic.max_record_bytes = spec.max_record_bytes;
}

Status Wrong(const std::string& topic, std::string_view why) {
  return Status(Code::kConfiguration, "topic=" + topic + ": " + std::string(why));
}

}  // namespace

Status TopicTable::Load() {
  std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator({}, database_.family(kTopics)));
  for (it->Seek(ToSlice(TopicKey(""))); it->Valid() && it->key()[0] == kTopicTag; it->Next()) {
    FRESHET_ASSIGN_OR_RETURN(const TopicEntry entry, ParseTopic(ToView(it->key()), ToView(it->value())));
    Add(entry);
  }
  FRESHET_RETURN_IF_ERROR(FromRocks(it->status()));
  for (const auto& [name, topic] : topics_) {
    for (uint32_t i = 0; i < topic->partition_count; ++i) FRESHET_RETURN_IF_ERROR(LoadPartition(RefOf(*topic, i)));
  }
  return OkStatus();
}

Status TopicTable::LoadPartition(const PartitionRef& partition) {
  FRESHET_ASSIGN_OR_RETURN(const auto mark, database_.Get(kTopics, MarkKey(kFirstTag, partition.id)));
  PartitionState& state = *partition.state;
  if (mark) {
    FRESHET_ASSIGN_OR_RETURN(const Offset first, ParseOffset(*mark));
    state.first = state.end = first.value;
  }
  std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator({}, database_.family(kRecords)));
  it->SeekForPrev(ToSlice(StoredRecordKey(partition.id, Offset(UINT64_MAX))));
  FRESHET_RETURN_IF_ERROR(FromRocks(it->status()));
  const std::optional<Offset> newest = it->Valid() ? OffsetIn(partition.id, ToView(it->key())) : std::nullopt;
  if (!newest) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(const StoredRecord record, ParseRecord(ToView(it->value())));
  state.end = newest->value + 1;
  state.bytes = record.bytes_so_far;
  state.newest_micros = ToMicros(record.appended);
  return OkStatus();
}

Status TopicTable::Check(const TopicSpec& spec) const {
  if (spec.name.empty() || spec.partitions == 0) return Wrong(spec.name, "a topic has a name and a partition");
  const auto existing = topics_.find(spec.name);
  if (existing == topics_.end()) return OkStatus();
  if (existing->second->partition_count != spec.partitions) return Wrong(spec.name, "exists with other partitions");
  if (existing->second->compacted != spec.compacted) return Wrong(spec.name, "exists with another kind of retention");
  return OkStatus();
}

Status TopicTable::Create(std::span<const TopicSpec> specs) {
  std::unique_lock lock(mutex_);
  uint32_t next_number = 0;
  for (const auto& [name, topic] : topics_) next_number = std::max(next_number, topic->number + 1);
  std::map<std::string, TopicEntry> entries;  // one each, also where a name is given twice
  for (const TopicSpec& spec : specs) {
    FRESHET_RETURN_IF_ERROR(Check(spec));
    const auto existing = topics_.find(spec.name);
    const auto [entry, is_new] = entries.try_emplace(spec.name, TopicEntry{0, spec});
    if (is_new) entry->second.number = existing != topics_.end() ? existing->second->number : next_number++;
    if (entry->second.spec.partitions != spec.partitions || entry->second.spec.compacted != spec.compacted) {
      return Wrong(spec.name, "is asked for twice, differently");
    }
  }
  rocksdb::WriteBatch batch;
  for (const auto& [name, entry] : entries) {
    FRESHET_RETURN_IF_ERROR(FromRocks(batch.Put(database_.family(kTopics), TopicKey(name), TopicValue(entry))));
  }
  FRESHET_RETURN_IF_ERROR(database_.Write(batch, store::Durability::kSync));
  for (const auto& [name, entry] : entries) Add(entry);
  return OkStatus();
}

void TopicTable::Add(const TopicEntry& entry) {
  std::unique_ptr<Topic>& topic = topics_[entry.spec.name];
  if (topic == nullptr) {
    topic = std::make_unique<Topic>();
    topic->name = entry.spec.name;
    topic->number = entry.number;
    topic->partition_count = entry.spec.partitions;
    topic->compacted = entry.spec.compacted;
    topic->partitions = std::make_unique<PartitionState[]>(entry.spec.partitions);
  }
  Configure(*topic, entry.spec);
}

Result<const Topic*> TopicTable::Find(const std::string& name) const {
  std::shared_lock lock(mutex_);
  const auto topic = topics_.find(name);
  if (topic == topics_.end()) return Wrong(name, "does not exist");
  return topic->second.get();
}

Result<PartitionRef> TopicTable::Find(const TopicPartition& partition) const {
  FRESHET_ASSIGN_OR_RETURN(const Topic* topic, Find(partition.topic));
  if (partition.partition.value >= topic->partition_count) return Wrong(partition.topic, "has no such partition");
  return RefOf(*topic, partition.partition.value);
}

PartitionRef TopicTable::RefOf(const Topic& topic, uint32_t partition) {
  return {&topic, {topic.number, partition}, &topic.partitions[partition]};
}

std::vector<const Topic*> TopicTable::All() const {
  std::shared_lock lock(mutex_);
  std::vector<const Topic*> all;
  for (const auto& [name, topic] : topics_) all.push_back(topic.get());
  return all;
}

}  // namespace freshet::log
