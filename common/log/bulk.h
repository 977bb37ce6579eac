// Questions about many partitions at once. To a log over a network each question is a round trip, so one that can
// answer many in one implements BulkLog beside Log; of the others they are asked one by one.
//
//   FRESHET_ASSIGN_OR_RETURN(const auto ranges, log::RangesOf(log, partitions));       // map<TopicPartition,
//   OffsetRange> FRESHET_ASSIGN_OR_RETURN(const auto progress, log::CommittedOf(log, group, partitions));
//
// Codes and threads: as Log::Range and Log::Committed. Partitions asked for twice are answered once.
#pragma once

#include <map>

#include "common/log/log.h"

namespace freshet::log {

using Ranges = std::map<TopicPartition, OffsetRange>;
using AllProgress = std::map<TopicPartition, Progress>;

class BulkLog {
 public:
  virtual ~BulkLog() = default;
  virtual Result<Ranges> RangesOf(std::span<const TopicPartition> partitions) = 0;
  virtual Result<AllProgress> CommittedOf(const std::string& group, std::span<const TopicPartition> partitions) = 0;
};

inline Result<Ranges> RangesOf(Log& log, std::span<const TopicPartition> partitions) {
  if (auto* const bulk = dynamic_cast<BulkLog*>(&log)) return bulk->RangesOf(partitions);
  Ranges ranges;
  for (const TopicPartition& partition : partitions) {
    FRESHET_ASSIGN_OR_RETURN(ranges[partition], log.Range(partition));
  }
  return ranges;
}

inline Result<AllProgress> CommittedOf(Log& log, const std::string& group, std::span<const TopicPartition> partitions) {
  if (auto* const bulk = dynamic_cast<BulkLog*>(&log)) return bulk->CommittedOf(group, partitions);
  AllProgress all;
  for (const TopicPartition& partition : partitions) {
    FRESHET_ASSIGN_OR_RETURN(all[partition], log.Committed(group, partition));
  }
  return all;
}

}  // namespace freshet::log
