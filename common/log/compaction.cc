#include "common/log/compaction.h"

#include <algorithm>

namespace freshet::log {
namespace {

using store::FromRocks;
using store::ToSlice;
using store::ToView;

constexpr uint32_t kDeletesAtOnce = 1000;

}  // namespace

Status Compaction::Apply(const Topic& topic, Time now) {
  if (!topic.compacted) return OkStatus();
  for (uint32_t i = 0; i < topic.partition_count; ++i) {
    const PartitionRef partition = TopicTable::RefOf(topic, i);
    FRESHET_ASSIGN_OR_RETURN(const auto mark, options_.database.Get(kTopics, MarkKey(kCleanedTag, partition.id)));
    Cleaned before;
    if (mark) {
      FRESHET_ASSIGN_OR_RETURN(before, ParseCleaned(*mark));
    }
    if (IsDue(partition, before, now)) FRESHET_RETURN_IF_ERROR(Run(partition, before, now));
  }
  return OkStatus();
}

bool Compaction::IsDue(const PartitionRef& partition, const Cleaned& before, Time now) const {
  if (before.oldest_tombstone && *before.oldest_tombstone + options_.tombstone_keep <= now) return true;
  const uint64_t dirty = partition.state->end - before.up_to.value;
  return dirty > 0 && static_cast<double>(dirty) >= options_.dirty_share * static_cast<double>(before.kept);
}

Status Compaction::Run(const PartitionRef& partition, const Cleaned& before, Time now) {
  const uint64_t end = partition.state->end;
  FRESHET_ASSIGN_OR_RETURN(const Survey survey, Look(partition, before.up_to.value, end));
  Cleaned after{.up_to = Offset(survey.up_to), .kept = 0, .oldest_tombstone = std::nullopt};
  rocksdb::WriteBatch batch;
  const auto sweep = [&](const Record& record) -> Result<bool> {
    if (!Goes(survey, record, record.offset + 1 == end, now)) {
      ++after.kept;
      if (!record.stored.value && !after.oldest_tombstone) after.oldest_tombstone = record.stored.appended;
      return true;
    }
    const std::string key = StoredRecordKey(partition.id, Offset(record.offset));
    FRESHET_RETURN_IF_ERROR(FromRocks(batch.Delete(options_.database.family(kRecords), key)));
    if (batch.Count() < kDeletesAtOnce) return true;
    FRESHET_RETURN_IF_ERROR(options_.database.Write(batch, store::Durability::kBuffered));
    batch.Clear();
    return true;
  };
  FRESHET_RETURN_IF_ERROR(ForEach(partition, partition.state->first, survey.up_to, sweep));
  FRESHET_RETURN_IF_ERROR(
      FromRocks(batch.Put(options_.database.family(kTopics), MarkKey(kCleanedTag, partition.id), CleanedValue(after))));
  return options_.database.Write(batch, store::Durability::kSync);
}

bool Compaction::Goes(const Survey& survey, const Record& record, bool newest, Time now) const {
  if (newest) return false;
  const auto last = survey.last.find(HashOf(record.stored.key));
  if (last != survey.last.end() && last->second > record.offset) return true;
  return !record.stored.value && record.stored.appended + options_.tombstone_keep <= now;
}

Result<Compaction::Survey> Compaction::Look(const PartitionRef& partition, uint64_t from, uint64_t end) {
  Survey survey{.last = {}, .up_to = end};
  const auto note = [&](const Record& record) -> Result<bool> {
    survey.last[HashOf(record.stored.key)] = record.offset;
    if (survey.last.size() < options_.keys_at_once) return true;
    survey.up_to = record.offset + 1;
    return false;
  };
  FRESHET_RETURN_IF_ERROR(ForEach(partition, from, end, note));
  return survey;
}

Status Compaction::ForEach(const PartitionRef& partition, uint64_t from, uint64_t to,
                           const std::function<Result<bool>(const Record&)>& visit) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> it(
      options_.database.db().NewIterator(options, options_.database.family(kRecords)));
  for (it->Seek(ToSlice(StoredRecordKey(partition.id, Offset(from)))); it->Valid(); it->Next()) {
    const std::optional<Offset> offset = OffsetIn(partition.id, ToView(it->key()));
    if (!offset || offset->value >= to) break;
    FRESHET_ASSIGN_OR_RETURN(const StoredRecord stored, ParseRecord(ToView(it->value())));
    FRESHET_ASSIGN_OR_RETURN(const bool more, visit({offset->value, stored}));
    if (!more) break;
  }
  return FromRocks(it->status());
}

}  // namespace freshet::log
