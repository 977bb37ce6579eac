// For tests: a Log in memory that can be told to fail. What a connector's host needs of it, no more.
#pragma once

#include <map>
#include <mutex>

#include "common/log/log.h"

namespace freshet {

class MemoryLog final : public log::Log {
 public:
  Status CreateTopics(std::span<const log::TopicSpec>) override { return OkStatus(); }

  Result<std::vector<Offset>> Append(std::span<const log::NewRecord> records) override {
    std::lock_guard lock(mutex_);
    ++appends;
    size_t bytes = 0;
    for (const log::NewRecord& record : records) bytes += record.key.size() + (record.value ? record.value->size() : 0);
    most_bytes = std::max(most_bytes, bytes);
    if (fail_times > 0 && fail_times-- > 0) return Status(failure);
    std::vector<Offset> offsets;
    for (const log::NewRecord& record : records) {
      std::vector<log::Delivered>& rows = rows_[{record.topic, record.partition}];
      offsets.emplace_back(rows.size());
      rows.push_back({record.topic, record.partition, Offset(rows.size()), record.key, record.value, Time()});
    }
    return offsets;
  }
  Result<log::OffsetRange> Range(const log::TopicPartition& partition) override {
    std::lock_guard lock(mutex_);
    return log::OffsetRange{Offset(0), Offset(rows_[partition].size())};
  }
  Result<log::Progress> Committed(const std::string&, const log::TopicPartition&) override { return log::Progress{}; }
  Result<std::unique_ptr<log::Consumer>> Subscribe(const std::string&, std::vector<std::string>, Waker*) override {
    return Status(Code::kConfiguration, "No groups here");
  }
  Result<std::unique_ptr<log::Consumer>> Assign(std::vector<std::pair<log::TopicPartition, Offset>> starts,
                                                Waker*) override {
    return std::unique_ptr<log::Consumer>(new Reader(*this, std::move(starts)));
  }
  Status Maintain() override { return OkStatus(); }

  std::vector<log::Delivered> Rows(const std::string& topic) {
    std::lock_guard lock(mutex_);
    std::vector<log::Delivered> all;
    for (const auto& [partition, rows] : rows_) {
      if (partition.topic == topic) all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
  }
  std::vector<log::Delivered> AllRows() {
    std::lock_guard lock(mutex_);
    std::vector<log::Delivered> all;
    for (const auto& [partition, rows] : rows_) all.insert(all.end(), rows.begin(), rows.end());
    return all;
  }

  int fail_times = 0;
  Code failure = Code::kLogUnavailable;
  int appends = 0;
  size_t most_bytes = 0;

 private:
  class Reader final : public log::Consumer {
   public:
    Reader(MemoryLog& log, std::vector<std::pair<log::TopicPartition, Offset>> starts)
        : log_(log), next_(std::move(starts)) {}
    Result<log::Polled> Poll(log::PollLimits limits) override {
      std::lock_guard lock(log_.mutex_);
      log::Polled polled;
      for (auto& [partition, next] : next_) {
        const std::vector<log::Delivered>& rows = log_.rows_[partition];
        while (next.value < rows.size() && polled.records.size() < limits.max_records) {
          polled.records.push_back(rows[next.value++]);
        }
      }
      if (limits.max_records > 0) at_end_ = polled.records.empty();
      return polled;
    }
    bool AtEnd() const override { return at_end_; }
    Status Commit(std::span<const std::pair<log::TopicPartition, log::Progress>>) override { return OkStatus(); }
    uint64_t Tenure(const log::TopicPartition&) const override { return 1; }
    std::vector<log::TopicPartition> Assignment() override { return {}; }

   private:
    MemoryLog& log_;
    std::vector<std::pair<log::TopicPartition, Offset>> next_;
    bool at_end_ = false;
  };

  std::mutex mutex_;
  std::map<log::TopicPartition, std::vector<log::Delivered>> rows_;
};

}  // namespace freshet
