// A log some of whose partitions are slow for a while, as one is whose leader is busy: what is polled of them comes
// later, in order. Nothing is lost, and whoever believes that partitions keep pace is found out.
//
//   UnevenLog log(embedded, clock);
//   log.Stall(random, 50ms);              // one partition of one topic, for so long
//
// Not thread-safe: a simulation has one thread.
#pragma once

#include "common/log/log.h"

namespace freshet::test {

class UnevenLog final : public log::Log {
 public:
  UnevenLog(log::Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  void Stall(uint64_t random, Duration how_long);
  bool stalled(const log::TopicPartition& partition) const;

  Status CreateTopics(std::span<const log::TopicSpec> specs) override;
  Result<std::vector<Offset>> Append(std::span<const log::NewRecord> records) override { return log_.Append(records); }
  Result<log::OffsetRange> Range(const log::TopicPartition& partition) override { return log_.Range(partition); }
  Result<log::Progress> Committed(const std::string& group, const log::TopicPartition& partition) override {
    return log_.Committed(group, partition);
  }
  Result<std::unique_ptr<log::Consumer>> Subscribe(const std::string& group, std::vector<std::string> topics,
                                                   Waker* waker) override;
  Result<std::unique_ptr<log::Consumer>> Assign(std::vector<std::pair<log::TopicPartition, Offset>> starts,
                                                Waker* waker) override;
  Status SetRetentionFloor(const log::TopicPartition& partition, Offset floor) override {
    return log_.SetRetentionFloor(partition, floor);
  }
  Status Maintain() override { return log_.Maintain(); }

 private:
  log::Log& log_;
  const Clock& clock_;
  std::vector<log::TopicPartition> partitions_;
  std::map<log::TopicPartition, Time> until_;
};

}  // namespace freshet::test
