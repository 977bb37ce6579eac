#include "common/log/record_format.h"

#include <algorithm>

#include "common/base/bytes.h"

namespace freshet::log {
namespace {

constexpr uint8_t kTopicFormat = 1;
constexpr uint64_t kNoTombstone = UINT64_MAX;

Status Damaged(std::string_view what) {
  return Status(Code::kCorruptStore, "the log holds an unreadable " + std::string(what));
}

void AppendPartition(std::string& out, PartitionId partition) {
  AppendBig32(out, partition.topic);
  AppendBig32(out, partition.partition);
}

}  // namespace

std::string TopicKey(std::string_view name) { return kTopicTag + std::string(name); }

std::string TopicValue(const TopicEntry& entry) {
  std::string out(1, static_cast<char>(kTopicFormat));
  AppendBig32(out, entry.number);
  AppendBig32(out, entry.spec.partitions);
  out.push_back(entry.spec.compacted ? 1 : 0);
  AppendBig64(out, static_cast<uint64_t>(entry.spec.retention_time.count()));
  AppendBig64(out, entry.spec.retention_bytes);
  AppendBig64(out, entry.spec.max_record_bytes);
  return out;
}

Result<TopicEntry> ParseTopic(std::string_view key, std::string_view value) {
  ByteReader reader(value);
  TopicEntry entry;
  uint8_t format = 0;
  uint8_t compacted = 0;
  uint64_t retention = 0;
  uint64_t max_record = 0;
  const bool whole = reader.Byte(format) && reader.Big32(entry.number) && reader.Big32(entry.spec.partitions) &&
                     reader.Byte(compacted) && reader.Big64(retention) && reader.Big64(entry.spec.retention_bytes) &&
                     reader.Big64(max_record);
  if (!whole || key.empty() || format != kTopicFormat || entry.spec.partitions == 0) return Damaged("topic");
  entry.spec.name = key.substr(1);
  entry.spec.compacted = compacted != 0;
  entry.spec.retention_time = Duration(static_cast<int64_t>(retention));
  entry.spec.max_record_bytes = max_record;
  return entry;
}

std::string MarkKey(char tag, PartitionId partition) {
  std::string out(1, tag);
  AppendPartition(out, partition);
  return out;
}

std::string OffsetValue(Offset offset) {
  std::string out;
  AppendBig64(out, offset.value);
  return out;
}

Result<Offset> ParseOffset(std::string_view value) {
  ByteReader reader(value);
  Offset offset;
  if (!reader.Big64(offset.value)) return Damaged("offset");
  return offset;
}

std::string CleanedValue(const Cleaned& cleaned) {
  std::string out;
  AppendBig64(out, cleaned.up_to.value);
  AppendBig64(out, cleaned.kept);
  AppendBig64(out,
              cleaned.oldest_tombstone ? static_cast<uint64_t>(ToMicros(*cleaned.oldest_tombstone)) : kNoTombstone);
  return out;
}

Result<Cleaned> ParseCleaned(std::string_view value) {
  ByteReader reader(value);
  Cleaned cleaned;
  uint64_t tombstone = 0;
  if (!reader.Big64(cleaned.up_to.value) || !reader.Big64(cleaned.kept) || !reader.Big64(tombstone)) {
    return Damaged("compaction mark");
  }
  if (tombstone != kNoTombstone) cleaned.oldest_tombstone = FromMicros(static_cast<int64_t>(tombstone));
  return cleaned;
}

std::string StoredRecordKey(PartitionId partition, Offset offset) {
  std::string out;
  AppendPartition(out, partition);
  AppendBig64(out, offset.value);
  return out;
}

std::optional<Offset> OffsetIn(PartitionId partition, std::string_view key) {
  ByteReader reader(key);
  PartitionId found;
  Offset offset;
  if (!reader.Big32(found.topic) || !reader.Big32(found.partition) || !reader.Big64(offset.value)) return std::nullopt;
  if (found.topic != partition.topic || found.partition != partition.partition) return std::nullopt;
  return offset;
}

std::string RecordHead(const StoredRecord& record) {
  std::string out;
  AppendBig64(out, static_cast<uint64_t>(ToMicros(record.appended)));
  AppendBig64(out, record.bytes_so_far);
  out.push_back(record.value ? 1 : 0);
  AppendBig32(out, static_cast<uint32_t>(record.key.size()));
  return out;
}

Result<StoredRecord> ParseRecord(std::string_view value) {
  ByteReader reader(value);
  StoredRecord record;
  uint64_t appended = 0;
  uint8_t kind = 0;
  uint32_t key_size = 0;
  const bool whole = reader.Big64(appended) && reader.Big64(record.bytes_so_far) && reader.Byte(kind) &&
                     reader.Big32(key_size) && reader.Bytes(key_size, record.key);
  if (!whole || kind > 1) return Damaged("record");
  record.appended = FromMicros(static_cast<int64_t>(appended));
  if (kind == 1) record.value = reader.rest();
  return record;
}

std::string ProgressKey(std::string_view group, PartitionId partition) {
  std::string out;
  AppendText(out, group);
  AppendPartition(out, partition);
  return out;
}

std::string ProgressValue(const Progress& progress) {
  std::string out;
  AppendBig64(out, progress.next.value);
  return out + progress.metadata;
}

Result<Progress> ParseProgress(std::string_view value) {
  ByteReader reader(value);
  Progress progress;
  if (!reader.Big64(progress.next.value)) return Damaged("progress");
  progress.metadata = reader.rest();
  return progress;
}

}  // namespace freshet::log
