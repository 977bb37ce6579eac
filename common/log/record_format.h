// How the embedded log lies in RocksDB: keys, values, and the functions that write and read them. Numbers are
// big-endian, so that keys sort as they do.
//
//   family "topics":
//     topic    := 't' name                     -> format(1 byte = 1) number(4) partitions(4) compacted(1)
//                                                 retention_micros(8) retention_bytes(8) max_record_bytes(8)
//     first    := 'f' topic(4) partition(4)    -> offset(8)   the oldest that retention left; absent: 0
//     cleaned  := 'c' topic(4) partition(4)    -> offset(8) kept(8) tombstone_micros(8)   see compaction.h
//   family "records":
//     record   := topic(4) partition(4) offset(8)
//              -> appended_micros(8) bytes_so_far(8) kind(1: 0 tombstone, 1 value) key_size(4) key value
//     bytes_so_far counts keys and values of the partition, this record's included: sizes of ranges by subtraction.
//   family "progress":
//     progress := text(group) topic(4) partition(4) -> next(8) metadata
//
// Offsets of a partition have no holes but for what retention and compaction took; appended times never go backwards.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/log/log.h"

namespace freshet::log {

enum Family : size_t { kTopics, kRecords, kProgress };  // indexes of kFamilies
inline constexpr std::string_view kFamilies[] = {"topics", "records", "progress"};

// A partition by its topic's number, which is shorter than the name and as lasting.
struct PartitionId {
  uint32_t topic = 0;
  uint32_t partition = 0;
};

struct TopicEntry {
  uint32_t number = 0;
  TopicSpec spec;
};

inline constexpr char kTopicTag = 't';
inline constexpr char kFirstTag = 'f';
inline constexpr char kCleanedTag = 'c';

std::string TopicKey(std::string_view name);
std::string TopicValue(const TopicEntry& entry);
// corrupt_store where the bytes are no topic.
Result<TopicEntry> ParseTopic(std::string_view key, std::string_view value);

// The key of a mark: kFirstTag or kCleanedTag.
std::string MarkKey(char tag, PartitionId partition);
std::string OffsetValue(Offset offset);
Result<Offset> ParseOffset(std::string_view value);

struct Cleaned {
  Offset up_to;                          // records before this have been compacted among themselves
  uint64_t kept = 0;                     // so many of them are left
  std::optional<Time> oldest_tombstone;  // among those
};
std::string CleanedValue(const Cleaned& cleaned);
Result<Cleaned> ParseCleaned(std::string_view value);

std::string StoredRecordKey(PartitionId partition, Offset offset);
// The offset of a key of this partition; nothing where the key is another's.
std::optional<Offset> OffsetIn(PartitionId partition, std::string_view key);

struct StoredRecord {
  Time appended;
  uint64_t bytes_so_far = 0;
  std::string_view key;                   // of the bytes parsed
  std::optional<std::string_view> value;  // of the bytes parsed
};
// All of a record's value but the key and the value themselves, which follow it.
std::string RecordHead(const StoredRecord& record);
Result<StoredRecord> ParseRecord(std::string_view value);

std::string ProgressKey(std::string_view group, PartitionId partition);
std::string ProgressValue(const Progress& progress);
Result<Progress> ParseProgress(std::string_view value);

}  // namespace freshet::log
