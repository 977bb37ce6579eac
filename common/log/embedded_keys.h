// Keys and values of the embedded log's RocksDB; the grammar stands in embedded_store.h. Internal.
#pragma once

#include <string>
#include <string_view>

#include "common/log/log.h"

namespace freshet::log {

inline constexpr size_t kRecords = 0, kTopics = 1, kProgress = 2;  // families

std::string PartitionPrefix(uint32_t topic, uint32_t partition);
std::string RecordKey(uint32_t topic, uint32_t partition, Offset offset);
Offset OffsetOf(std::string_view record_key);
std::string BoundsKey(uint32_t topic, uint32_t partition);
std::string ProgressKey(const std::string& group, const TopicPartition& partition);

std::string EncodeRecord(const NewRecord& record, Time appended);
std::string EncodeTopic(uint32_t number, const TopicSpec& spec);
std::string EncodeBounds(Offset first, Offset end);
std::string EncodeProgress(const Progress& progress);

// False where the bytes are not of the grammar.
[[nodiscard]] bool DecodeRecord(std::string_view bytes, Delivered& out);
[[nodiscard]] bool DecodeTopic(std::string_view bytes, uint32_t& number, TopicSpec& out);
[[nodiscard]] bool DecodeBounds(std::string_view bytes, Offset& first, Offset& end);
[[nodiscard]] bool DecodeProgress(std::string_view bytes, Progress& out);

}  // namespace freshet::log
