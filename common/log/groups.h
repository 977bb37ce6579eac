// Groups: who of this process reads which partition for which group, and how far each group is.
//
//   Groups::Membership member = groups.Join("freshet.deid.live", topics, waker);
//   std::optional<Groups::Assignment> now = member.Refresh(seen_generation);
//
// Partitions of each topic are shared out evenly and stay where they are as far as that allows. Each change of owner
// gives a partition a new epoch: a commit names the epoch under which its partition was read, and is refused where
// another owner has been in between. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/log/topic_table.h"
#include "common/log/wake_table.h"

namespace freshet::log {

struct OwnedPartition {
  PartitionRef partition;
  uint64_t epoch = 0;  // of the ownership
};

struct Assignment {
  uint64_t generation = 0;  // grows with every change of the group's members
  std::vector<OwnedPartition> partitions;
};

struct FencedProgress {
  OwnedPartition partition;
  Progress progress;
};

class Groups {
 public:
  Groups(store::Database& database, WakeTable& wakes) : database_(database), wakes_(wakes) {}

  // A member until Leave. `member` is unique among all consumers of the log.
  void Join(const std::string& group, uint64_t member, std::vector<const Topic*> topics, Waker* waker);
  void Leave(const std::string& group, uint64_t member);
  // Nothing where the group's generation is still `seen`.
  std::optional<Assignment> AssignmentOf(const std::string& group, uint64_t member, uint64_t seen);

  // log_unavailable, and nothing is stored, where an epoch is no longer the partition's.
  Status Commit(const std::string& group, std::span<const FencedProgress> progress);
  Result<Progress> Committed(const std::string& group, const PartitionRef& partition);

 private:
  struct Member {
    std::vector<const Topic*> topics;
    Waker* waker = nullptr;
  };
  struct Ownership {
    uint64_t member = 0;
    uint64_t epoch = 0;
  };
  using Owners = std::vector<Ownership>;  // by partition
  struct Group {
    std::mutex mutex;
    uint64_t generation = 0;
    uint64_t last_epoch = 0;
    std::map<uint64_t, Member> members;
    std::map<const Topic*, Owners> owners;
  };

  Group& Find(const std::string& group);
  void Rebalance(Group& group);
  static void ShareOut(Group& group, const Topic& topic);
  static std::map<uint64_t, size_t> LoadsOf(const Group& group, const Topic& topic);
  static Assignment Of(const Group& group, uint64_t member);

  store::Database& database_;
  WakeTable& wakes_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Group>> groups_;
};

}  // namespace freshet::log
