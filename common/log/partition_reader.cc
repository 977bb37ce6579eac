#include "common/log/partition_reader.h"

#include <algorithm>

namespace freshet::log {
namespace {

using store::FromRocks;
using store::ToSlice;
using store::ToView;

Gap GapOf(const PartitionRef& partition, uint64_t from, uint64_t to) {
  return {partition.topic->name, Partition(partition.id.partition), Offset(from), Offset(to)};
}

Delivered DeliveredOf(const PartitionRef& partition, uint64_t offset, const StoredRecord& record) {
  Delivered delivered{.topic = partition.topic->name,
                      .partition = Partition(partition.id.partition),
                      .offset = Offset(offset),
                      .key = std::string(record.key),
                      .value = std::nullopt,
                      .appended = record.appended};
  if (record.value) delivered.value.emplace(*record.value);
  return delivered;
}

size_t SizeOf(const StoredRecord& record) { return record.key.size() + (record.value ? record.value->size() : 0); }

}  // namespace

Result<Polled> PartitionReader::Poll(std::vector<Cursor>& cursors, const PollLimits& limits) {
  if (limits.max_records == 0) return Polled{};
  at_end_ = false;
  std::vector<Share> shares;
  Room room{limits.max_records, limits.max_bytes, {}};
  FRESHET_RETURN_IF_ERROR(Collect(cursors, shares, room.polled));
  const auto readable = [](const Share& share) { return share.next < share.end; };
  size_t waiting = static_cast<size_t>(std::ranges::count_if(shares, readable));
  if (waiting > 0) {
    std::ranges::rotate(shares, shares.begin() + static_cast<std::ptrdiff_t>(turn_++ % shares.size()));
    std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator({}, database_.family(kRecords)));
    for (Share& share : shares) {
      if (!readable(share) || room.records == 0) continue;
      const Budget budget{std::max<size_t>(1, room.records / waiting), room.bytes / waiting, room.bytes};
      FRESHET_RETURN_IF_ERROR(Take(share, budget, *it, room));
      --waiting;
    }
  }
  for (const Share& share : shares) share.cursor->next = share.next;
  at_end_ = room.polled.records.empty() && room.polled.gaps.empty();
  return std::move(room.polled);
}

// Ends are read before the iterator is made: all records before them are durable and in it.
Status PartitionReader::Collect(std::vector<Cursor>& cursors, std::vector<Share>& shares, Polled& polled) {
  for (Cursor& cursor : cursors) {
    const uint64_t end = cursor.partition.state->end;
    const uint64_t first = cursor.partition.state->first;
    if (cursor.next > end) {
      return Status(Code::kConfiguration, "a position beyond the log's end: topic=" + cursor.partition.topic->name +
                                              " partition=" + std::to_string(cursor.partition.id.partition) +
                                              " position=" + std::to_string(cursor.next) +
                                              " end=" + std::to_string(end));
    }
    if (cursor.next < first) polled.gaps.push_back(GapOf(cursor.partition, cursor.next, first));
    shares.push_back({&cursor, std::max(cursor.next, first), end});
  }
  return OkStatus();
}

Status PartitionReader::Take(Share& share, const Budget& budget, rocksdb::Iterator& it, Room& room) {
  const PartitionRef& partition = share.cursor->partition;
  size_t records = budget.records;
  size_t bytes = budget.bytes;
  size_t taken = 0;
  for (it.Seek(ToSlice(StoredRecordKey(partition.id, Offset(share.next)))); it.Valid() && records > 0; it.Next()) {
    const std::optional<Offset> offset = OffsetIn(partition.id, ToView(it.key()));
    if (!offset || offset->value >= share.end) break;
    FRESHET_ASSIGN_OR_RETURN(const StoredRecord record, ParseRecord(ToView(it.value())));
    const size_t size = SizeOf(record);
    const bool fits = size <= bytes || (taken == 0 && size <= budget.bytes_left) || room.polled.records.empty();
    if (!fits) return OkStatus();
    // Retention took these while we looked.
    const bool jumped = offset->value > share.next && !partition.topic->compacted;
    if (jumped) room.polled.gaps.push_back(GapOf(partition, share.next, offset->value));
    room.polled.records.push_back(DeliveredOf(partition, offset->value, record));
    share.next = offset->value + 1;
    bytes -= std::min(size, bytes);
    room.bytes -= std::min(size, room.bytes);
    --records;
    --room.records;
    ++taken;
  }
  return FromRocks(it.status());
}

}  // namespace freshet::log
