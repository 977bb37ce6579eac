#include "common/log/groups.h"

#include <algorithm>
#include <set>

namespace freshet::log {

Groups::Group& Groups::Find(const std::string& group) {
  std::lock_guard lock(mutex_);
  std::unique_ptr<Group>& found = groups_[group];
  if (found == nullptr) found = std::make_unique<Group>();
  return *found;
}

void Groups::Join(const std::string& name, uint64_t member, std::vector<const Topic*> topics, Waker* waker) {
  Group& group = Find(name);
  std::lock_guard lock(group.mutex);
  group.members[member] = {std::move(topics), waker};
  Rebalance(group);
}

void Groups::Leave(const std::string& name, uint64_t member) {
  Group& group = Find(name);
  std::lock_guard lock(group.mutex);
  wakes_.Forget(member);
  group.members.erase(member);
  Rebalance(group);
}

void Groups::Rebalance(Group& group) {
  std::set<const Topic*> topics;
  for (const auto& [id, member] : group.members) topics.insert(member.topics.begin(), member.topics.end());
  std::erase_if(group.owners, [&](const auto& entry) { return !topics.contains(entry.first); });
  for (const Topic* topic : topics) ShareOut(group, *topic);
  ++group.generation;
  for (const auto& [id, member] : group.members) {
    std::vector<const PartitionState*> partitions;
    for (const OwnedPartition& owned : Of(group, id).partitions) partitions.push_back(owned.partition.state);
    wakes_.Watch(id, member.waker, std::move(partitions));
    if (member.waker != nullptr) member.waker->Wake();
  }
}

// Partitions of `topic` that each of its readers has.
std::map<uint64_t, size_t> Groups::LoadsOf(const Group& group, const Topic& topic) {
  std::map<uint64_t, size_t> loads;
  for (const auto& [id, member] : group.members) {
    if (std::ranges::find(member.topics, &topic) != member.topics.end()) loads[id] = 0;
  }
  const auto owners = group.owners.find(&topic);
  if (owners == group.owners.end()) return loads;
  for (const Ownership& owner : owners->second) {
    if (loads.contains(owner.member)) ++loads[owner.member];
  }
  return loads;
}

// Orphans go to whoever has the fewest; then the richest gives to the poorest until they differ by at most one.
void Groups::ShareOut(Group& group, const Topic& topic) {
  Owners& owners = group.owners[&topic];
  owners.resize(topic.partition_count);
  std::map<uint64_t, size_t> loads = LoadsOf(group, topic);
  const auto by_load = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto give = [&](Ownership& owner, uint64_t to) {
    if (loads.contains(owner.member)) --loads[owner.member];
    owner = {to, ++group.last_epoch};
    ++loads[to];
  };
  for (Ownership& owner : owners) {
    if (owner.epoch == 0 || !loads.contains(owner.member)) give(owner, std::ranges::min_element(loads, by_load)->first);
  }
  while (true) {
    const auto [poorest, richest] = std::ranges::minmax_element(loads, by_load);
    if (richest->second <= poorest->second + 1) return;
    const uint64_t from = richest->first;
    give(*std::ranges::find(owners, from, &Ownership::member), poorest->first);
  }
}

Assignment Groups::Of(const Group& group, uint64_t member) {
  Assignment assignment{.generation = group.generation, .partitions = {}};
  for (const auto& [topic, owners] : group.owners) {
    for (uint32_t i = 0; i < owners.size(); ++i) {
      if (owners[i].member != member) continue;
      assignment.partitions.push_back({TopicTable::RefOf(*topic, i), owners[i].epoch});
    }
  }
  return assignment;
}

std::optional<Assignment> Groups::AssignmentOf(const std::string& name, uint64_t member, uint64_t seen) {
  Group& group = Find(name);
  std::lock_guard lock(group.mutex);
  if (group.generation == seen) return std::nullopt;
  return Of(group, member);
}

// The group's lock is held while the progress is written: no owner changes between the check and the write.
Status Groups::Commit(const std::string& name, std::span<const FencedProgress> progress) {
  Group& group = Find(name);
  std::lock_guard lock(group.mutex);
  rocksdb::WriteBatch batch;
  for (const auto& [owned, next] : progress) {
    const auto owners = group.owners.find(owned.partition.topic);
    if (owners == group.owners.end() || owners->second[owned.partition.id.partition].epoch != owned.epoch) {
      return Status(Code::kLogUnavailable, "a partition went to another member: group=" + name);
    }
    FRESHET_RETURN_IF_ERROR(store::FromRocks(
        batch.Put(database_.family(kProgress), ProgressKey(name, owned.partition.id), ProgressValue(next))));
  }
  return database_.Write(batch, store::Durability::kSync);
}

Result<Progress> Groups::Committed(const std::string& group, const PartitionRef& partition) {
  FRESHET_ASSIGN_OR_RETURN(const auto stored, database_.Get(kProgress, ProgressKey(group, partition.id)));
  if (!stored) return Progress{Offset(partition.state->first), ""};
  return ParseProgress(*stored);
}

}  // namespace freshet::log
