#include "common/log/retention.h"

#include <rocksdb/convenience.h>

#include <algorithm>

namespace freshet::log {
namespace {

using store::FromRocks;
using store::ToSlice;
using store::ToView;

uint64_t LimitOf(const PartitionState& state) { return std::min<uint64_t>(state.floor, state.end); }

}  // namespace

Status Retention::Apply(const Topic& topic, Time now) {
  if (topic.compacted) return OkStatus();
  const Time cutoff = now - Duration(topic.retention_micros);
  for (uint32_t i = 0; i < topic.partition_count; ++i) {
    FRESHET_RETURN_IF_ERROR(CutByAge(TopicTable::RefOf(topic, i), cutoff));
  }
  return CutBySize(topic);
}

Status Retention::CutByAge(const PartitionRef& partition, Time cutoff) {
  const uint64_t first = partition.state->first;
  FRESHET_ASSIGN_OR_RETURN(const std::optional<Found> oldest, At(partition, first));
  if (!oldest || oldest->appended >= cutoff) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(const uint64_t cut,
                           FirstWhere(partition, first, LimitOf(*partition.state),
                                      [cutoff](const Found& found) { return found.appended >= cutoff; }));
  return Trim(partition, Offset(cut));
}

// The oldest record's partition gives first, a part of the excess at a time, so that ages stay level.
Status Retention::CutBySize(const Topic& topic) {
  constexpr uint64_t kSteps = 16;
  FRESHET_ASSIGN_OR_RETURN(std::vector<Part> parts, PartsOf(topic));
  uint64_t total = 0;
  for (const Part& part : parts) total += part.bytes;
  const uint64_t step = total > topic.retention_bytes ? (total - topic.retention_bytes) / kSteps + 1 : 0;
  while (total > topic.retention_bytes) {
    std::erase_if(parts, [](const Part& part) { return part.first >= part.limit; });
    if (parts.empty()) return OkStatus();
    Part& part = *std::ranges::min_element(parts, {}, &Part::oldest);
    const uint64_t target = part.bytes_before + std::min(step, total - topic.retention_bytes);
    FRESHET_ASSIGN_OR_RETURN(const uint64_t last,
                             FirstWhere(part.partition, part.first, part.limit,
                                        [target](const Found& found) { return found.bytes_so_far >= target; }));
    FRESHET_RETURN_IF_ERROR(Trim(part.partition, Offset(std::min(last + 1, part.limit))));
    total -= part.bytes;
    FRESHET_RETURN_IF_ERROR(Look(part));
    total += part.bytes;
  }
  return OkStatus();
}

Result<std::vector<Retention::Part>> Retention::PartsOf(const Topic& topic) {
  std::vector<Part> parts;
  for (uint32_t i = 0; i < topic.partition_count; ++i) {
    Part part{.partition = TopicTable::RefOf(topic, i), .oldest = {}};
    FRESHET_RETURN_IF_ERROR(Look(part));
    parts.push_back(part);
  }
  return parts;
}

Status Retention::Look(Part& part) {
  const PartitionState& state = *part.partition.state;
  part.limit = LimitOf(state);
  FRESHET_ASSIGN_OR_RETURN(const std::optional<Found> oldest, At(part.partition, state.first));
  if (!oldest) {
    part.first = part.limit;
    part.bytes = 0;
    return OkStatus();
  }
  part.first = oldest->offset;
  part.oldest = oldest->appended;
  part.bytes_before = oldest->bytes_so_far - oldest->bytes;
  part.bytes = state.bytes - part.bytes_before;
  return OkStatus();
}

Status Retention::Trim(const PartitionRef& partition, Offset first) {
  const uint64_t before = partition.state->first;
  if (first.value <= before || first.value > partition.state->end) return OkStatus();
  const std::string begin = StoredRecordKey(partition.id, Offset(before));
  const std::string end = StoredRecordKey(partition.id, first);
  rocksdb::WriteBatch batch;
  FRESHET_RETURN_IF_ERROR(FromRocks(batch.DeleteRange(database_.family(kRecords), begin, end)));
  FRESHET_RETURN_IF_ERROR(
      FromRocks(batch.Put(database_.family(kTopics), MarkKey(kFirstTag, partition.id), OffsetValue(first))));
  FRESHET_RETURN_IF_ERROR(database_.Write(batch, store::Durability::kSync, store::Database::Spare::kUsed));
  partition.state->first = first.value;
  // Whole files of the range go at once, not when compaction comes by; where that fails, they go then.
  const rocksdb::Slice begin_slice(begin);
  const rocksdb::Slice end_slice(end);
  rocksdb::DeleteFilesInRange(&database_.db(), database_.family(kRecords), &begin_slice, &end_slice, false)
      .PermitUncheckedError();
  return OkStatus();
}

Result<std::optional<Retention::Found>> Retention::At(const PartitionRef& partition, uint64_t offset) {
  std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator({}, database_.family(kRecords)));
  it->Seek(ToSlice(StoredRecordKey(partition.id, Offset(offset))));
  FRESHET_RETURN_IF_ERROR(FromRocks(it->status()));
  const std::optional<Offset> found = it->Valid() ? OffsetIn(partition.id, ToView(it->key())) : std::nullopt;
  if (!found) return std::optional<Found>();
  FRESHET_ASSIGN_OR_RETURN(const StoredRecord record, ParseRecord(ToView(it->value())));
  const uint64_t bytes = record.key.size() + (record.value ? record.value->size() : 0);
  return std::optional<Found>({found->value, record.appended, record.bytes_so_far, bytes});
}

template <class Predicate>
Result<uint64_t> Retention::FirstWhere(const PartitionRef& partition, uint64_t from, uint64_t to, Predicate holds) {
  while (from < to) {
    const uint64_t middle = from + (to - from) / 2;
    FRESHET_ASSIGN_OR_RETURN(const std::optional<Found> found, At(partition, middle));
    if (!found || holds(*found)) {
      to = middle;
    } else {
      from = found->offset + 1;
    }
  }
  return from;
}

}  // namespace freshet::log
