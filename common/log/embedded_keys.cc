#include "common/log/embedded_keys.h"

#include "common/base/bytes.h"

namespace freshet::log {

std::string PartitionPrefix(uint32_t topic, uint32_t partition) {
  std::string key;
  AppendBig32(key, topic);
  AppendBig32(key, partition);
  return key;
}

std::string RecordKey(uint32_t topic, uint32_t partition, Offset offset) {
  std::string key = PartitionPrefix(topic, partition);
  AppendBig64(key, offset.value);
  return key;
}

Offset OffsetOf(std::string_view record_key) {
  ByteReader reader(record_key.substr(8));
  uint64_t offset = 0;
  return reader.Big64(offset) ? Offset(offset) : Offset(0);
}

std::string BoundsKey(uint32_t topic, uint32_t partition) { return "f" + PartitionPrefix(topic, partition); }

std::string ProgressKey(const std::string& group, const TopicPartition& partition) {
  std::string key;
  AppendText(key, group);
  AppendText(key, partition.topic);
  AppendBig32(key, partition.partition.value);
  return key;
}

std::string EncodeRecord(const NewRecord& record, Time appended) {
  std::string bytes;
  bytes.reserve(13 + record.key.size() + (record.value ? record.value->size() : 0));
  AppendBig64(bytes, static_cast<uint64_t>(ToMicros(appended)));
  AppendBig32(bytes, static_cast<uint32_t>(record.key.size()));
  bytes += record.key;
  bytes += record.value ? '\1' : '\0';
  if (record.value) bytes += *record.value;
  return bytes;
}

bool DecodeRecord(std::string_view bytes, Delivered& out) {
  ByteReader reader(bytes);
  uint64_t appended = 0;
  uint32_t key_length = 0;
  uint8_t has_value = 0;
  std::string_view key;
  if (!reader.Big64(appended) || !reader.Big32(key_length) || !reader.Bytes(key_length, key) ||
      !reader.Byte(has_value)) {
    return false;
  }
  out.appended = FromMicros(static_cast<int64_t>(appended));
  out.key = std::string(key);
  if (has_value != 0) out.value = std::string(reader.rest());
  return true;
}

std::string EncodeTopic(uint32_t number, const TopicSpec& spec) {
  std::string bytes;
  AppendBig32(bytes, number);
  AppendBig32(bytes, spec.partitions);
  bytes += spec.compacted ? '\1' : '\0';
  return bytes;
}

bool DecodeTopic(std::string_view bytes, uint32_t& number, TopicSpec& out) {
  ByteReader reader(bytes);
  uint8_t compacted = 0;
  if (!reader.Big32(number) || !reader.Big32(out.partitions) || !reader.Byte(compacted)) return false;
  out.compacted = compacted != 0;
  return true;
}

std::string EncodeBounds(Offset first, Offset end) {
  std::string bytes;
  AppendBig64(bytes, first.value);
  AppendBig64(bytes, end.value);
  return bytes;
}

bool DecodeBounds(std::string_view bytes, Offset& first, Offset& end) {
  ByteReader reader(bytes);
  return reader.Big64(first.value) && reader.Big64(end.value);
}

std::string EncodeProgress(const Progress& progress) {
  std::string bytes;
  AppendBig64(bytes, progress.next.value);
  return bytes + progress.metadata;
}

bool DecodeProgress(std::string_view bytes, Progress& out) {
  ByteReader reader(bytes);
  if (!reader.Big64(out.next.value)) return false;
  out.metadata = std::string(reader.rest());
  return true;
}

}  // namespace freshet::log
