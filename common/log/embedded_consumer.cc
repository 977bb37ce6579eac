#include "common/log/embedded_consumer.h"

#include <algorithm>

namespace freshet::log {

GroupConsumer::GroupConsumer(const Core& core, std::string group, uint64_t id)
    : core_(core), group_(std::move(group)), id_(id), reader_(core.database) {}

GroupConsumer::~GroupConsumer() { core_.groups.Leave(group_, id_); }

Result<Polled> GroupConsumer::Poll(PollLimits limits) {
  FRESHET_RETURN_IF_ERROR(Refresh());
  return reader_.Poll(cursors_, limits);
}

// Partitions that stayed are read on from where they are, new ones from where the group is.
Status GroupConsumer::Refresh() {
  std::optional<struct Assignment> now = core_.groups.AssignmentOf(group_, id_, assignment_.generation);
  if (!now) return OkStatus();
  std::vector<Cursor> cursors;
  for (const OwnedPartition& owned : now->partitions) {
    const auto kept = std::ranges::find_if(assignment_.partitions, [&](const OwnedPartition& old) {
      return old.partition.state == owned.partition.state && old.epoch == owned.epoch;
    });
    if (kept != assignment_.partitions.end()) {
      cursors.push_back(cursors_[static_cast<size_t>(kept - assignment_.partitions.begin())]);
      continue;
    }
    FRESHET_ASSIGN_OR_RETURN(const Progress progress, core_.groups.Committed(group_, owned.partition));
    cursors.push_back({owned.partition, progress.next.value});
  }
  cursors_ = std::move(cursors);
  std::lock_guard lock(mutex_);
  assignment_ = std::move(*now);
  return OkStatus();
}

Status GroupConsumer::Commit(std::span<const std::pair<TopicPartition, Progress>> progress) {
  std::vector<FencedProgress> fenced;
  for (const auto& [partition, next] : progress) {
    FRESHET_ASSIGN_OR_RETURN(FencedProgress one, Fence(partition, next));
    fenced.push_back(std::move(one));
  }
  return core_.groups.Commit(group_, fenced);
}

uint64_t GroupConsumer::Tenure(const TopicPartition& partition) const {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      assignment_.partitions, [&](const OwnedPartition& owned) { return owned.partition.Name() == partition; });
  return found == assignment_.partitions.end() ? 0 : found->epoch;
}

Result<FencedProgress> GroupConsumer::Fence(const TopicPartition& name, const Progress& progress) {
  FRESHET_ASSIGN_OR_RETURN(const PartitionRef partition, core_.topics.Find(name));
  std::lock_guard lock(mutex_);
  const auto owned = std::ranges::find_if(assignment_.partitions, [&](const OwnedPartition& candidate) {
    return candidate.partition.state == partition.state;
  });
  const bool is_mine = owned != assignment_.partitions.end();
  if (!is_mine || (progress.tenure != 0 && progress.tenure != owned->epoch)) {
    return Status(Code::kLogUnavailable, "not this member's: group=" + group_ + " topic=" + name.topic +
                                             " partition=" + std::to_string(name.partition.value));
  }
  return FencedProgress{*owned, progress};
}

std::vector<TopicPartition> GroupConsumer::Assignment() {
  // Where a position cannot be read now, the assignment stays what it was, and the next Poll tells why.
  Refresh().ok();
  std::vector<TopicPartition> names;
  for (const Cursor& cursor : cursors_) names.push_back(cursor.partition.Name());
  return names;
}

AssignedConsumer::AssignedConsumer(const Core& core, uint64_t id, std::vector<Cursor> cursors, Waker* waker)
    : core_(core), id_(id), reader_(core.database), cursors_(std::move(cursors)) {
  std::vector<const PartitionState*> partitions;
  for (const Cursor& cursor : cursors_) partitions.push_back(cursor.partition.state);
  core_.wakes.Watch(id_, waker, std::move(partitions));
  if (waker != nullptr) waker->Wake();
}

AssignedConsumer::~AssignedConsumer() { core_.wakes.Forget(id_); }

uint64_t AssignedConsumer::Tenure(const TopicPartition& partition) const {
  return std::ranges::any_of(cursors_, [&](const Cursor& cursor) { return cursor.partition.Name() == partition; });
}

Status AssignedConsumer::Commit(std::span<const std::pair<TopicPartition, Progress>>) {
  return Status(Code::kConfiguration, "a reader outside any group has no progress to commit");
}

std::vector<TopicPartition> AssignedConsumer::Assignment() {
  std::vector<TopicPartition> names;
  for (const Cursor& cursor : cursors_) names.push_back(cursor.partition.Name());
  return names;
}

}  // namespace freshet::log
