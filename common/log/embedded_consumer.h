// The two consumers of the embedded log: a group's member, and a reader of partitions that it was given.
//
//   auto consumer = std::make_unique<GroupConsumer>(core, "freshet.deid.live", id);
//
// As Consumer: one thread at a time, but for Commit and Tenure, from any. They keep the parts of the log alive that
// they are given.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/log/groups.h"
#include "common/log/partition_reader.h"
#include "common/log/wake_table.h"

namespace freshet::log {

class GroupConsumer final : public Consumer {
 public:
  struct Core {
    store::Database& database;
    TopicTable& topics;
    Groups& groups;
    std::shared_ptr<const void> owner;  // of the three
  };
  GroupConsumer(const Core& core, std::string group, uint64_t id);
  ~GroupConsumer() override;

  Result<Polled> Poll(PollLimits limits) override;
  bool AtEnd() const override { return reader_.at_end(); }
  Status Commit(std::span<const std::pair<TopicPartition, Progress>> progress) override;
  uint64_t Tenure(const TopicPartition& partition) const override;
  std::vector<TopicPartition> Assignment() override;

 private:
  Status Refresh();
  Result<FencedProgress> Fence(const TopicPartition& name, const Progress& progress);

  const Core core_;
  const std::string group_;
  const uint64_t id_;
  PartitionReader reader_;
  std::vector<Cursor> cursors_;
  mutable std::mutex mutex_;  // of assignment_, which Commit reads from any thread
  struct Assignment assignment_;
};

class AssignedConsumer final : public Consumer {
 public:
  struct Core {
    store::Database& database;
    WakeTable& wakes;
    std::shared_ptr<const void> owner;  // of the two
  };
  AssignedConsumer(const Core& core, uint64_t id, std::vector<Cursor> cursors, Waker* waker);
  ~AssignedConsumer() override;

  Result<Polled> Poll(PollLimits limits) override { return reader_.Poll(cursors_, limits); }
  bool AtEnd() const override { return reader_.at_end(); }
  Status Commit(std::span<const std::pair<TopicPartition, Progress>> progress) override;
  uint64_t Tenure(const TopicPartition& partition) const override;
  std::vector<TopicPartition> Assignment() override;

 private:
  const Core core_;
  const uint64_t id_;
  PartitionReader reader_;
  std::vector<Cursor> cursors_;
};

}  // namespace freshet::log
