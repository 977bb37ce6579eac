// Where a partition begins and ends, asked of its leader. Internal to the Kafka log.
#pragma once

#include <algorithm>

#include "common/log/kafka/errors.h"
#include "common/log/kafka/handles.h"

namespace freshet::log {

inline Result<OffsetRange> QueryRange(rd_kafka_t& client, const TopicPartition& partition, Duration timeout) {
  int64_t first = 0;
  int64_t end = 0;
  const auto error = rd_kafka_query_watermark_offsets(&client, partition.topic.c_str(),
                                                      static_cast<int32_t>(partition.partition.value), &first, &end,
                                                      MillisOf(timeout));
  FRESHET_RETURN_IF_ERROR(StatusOf(error, Where(partition)));
  return OffsetRange{Offset(static_cast<uint64_t>(first)), Offset(static_cast<uint64_t>(end))};
}

}  // namespace freshet::log
