// TopicReader: where the records come from: a cluster (kafka_topics.h), or memory (memory_topics.h).
//
//   FRESHET_RETURN_IF_ERROR(reader.Open(topics, position.next));
//   FRESHET_ASSIGN_OR_RETURN(log::Polled polled, reader.Poll(50ms));
//   for (...) { ... reader.AtEnd() ... }
//
// Partitions that `next` does not name begin at offset 0: what retention has taken of them is told as a gap. One
// thread.
#pragma once

#include <map>

#include "common/log/log.h"

namespace freshet::debezium {

using Offsets = std::map<log::TopicPartition, Offset>;

class TopicReader {
 public:
  virtual ~TopicReader() = default;

  // configuration: none of the topics is there, or no permission; log_unavailable: no broker answers.
  virtual Status Check(const std::vector<std::string>& topics) = 0;
  // configuration where an offset lies beyond a partition's end: the topic is not the one that was read before.
  virtual Status Open(const std::vector<std::string>& topics, const Offsets& next) = 0;
  virtual void Close() = 0;
  // About a batch of what is there, at the latest after `wait`. unavailable: there are other topics or partitions than
  // when it was opened.
  virtual Result<log::Polled> Poll(Duration wait) = 0;
  // Every topic is there, and all that was in them when the last Poll looked has been read.
  virtual bool AtEnd() const = 0;
};

}  // namespace freshet::debezium
