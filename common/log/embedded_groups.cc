// Groups of the embedded log: who reads which partitions, and how far each group is.
#include <algorithm>

#include "common/log/embedded_keys.h"
#include "common/log/embedded_store.h"

namespace freshet::log {

void LogStore::Join(const std::string& group, Member* member) {
  std::lock_guard lock(mutex_);
  groups_[group].push_back(member);
  Rebalance(group);
}

void LogStore::Leave(const std::string& group, Member* member) {
  std::lock_guard lock(mutex_);
  std::erase(groups_[group], member);
  Rebalance(group);
  for (auto& [name, topic] : topics_) {
    if (member->waker == nullptr) break;
    const bool others = std::any_of(groups_[group].begin(), groups_[group].end(),
                                    [&](const Member* other) { return other->waker == member->waker; });
    if (!others) topic.wakers.erase(member->waker);
  }
}

void LogStore::RemoveWaker(Waker* waker) {
  std::lock_guard lock(mutex_);
  for (auto& [name, topic] : topics_) topic.wakers.erase(waker);
}

// Partition i of a topic goes to the (i mod n)-th of the members that read the topic, in the order in which they
// joined.
void LogStore::Rebalance(const std::string& group) {
  const std::vector<Member*>& members = groups_[group];
  for (Member* member : members) {
    member->share.clear();
    ++member->generation;
  }
  for (const auto& [name, topic] : topics_) {
    std::vector<Member*> readers;
    for (Member* member : members) {
      if (std::count(member->topics.begin(), member->topics.end(), name) > 0) readers.push_back(member);
    }
    for (uint32_t i = 0; i < topic.spec.partitions && !readers.empty(); ++i) {
      readers[i % readers.size()]->share.push_back({name, Partition(i)});
    }
  }
  for (Member* member : members) {
    if (member->waker != nullptr) member->waker->Wake();
  }
}

uint64_t LogStore::GenerationOf(const Member& member) const {
  std::lock_guard lock(mutex_);
  return member.generation;
}

std::vector<TopicPartition> LogStore::ShareOf(const Member& member) const {
  std::lock_guard lock(mutex_);
  return member.share;
}

// `generation` is the one that the member last saw: what it read under an older one may be another member's by now.
Status LogStore::Commit(const std::string& group, const Member& member, uint64_t generation,
                        std::span<const std::pair<TopicPartition, Progress>> progress) {
  rocksdb::WriteBatch batch;
  for (const auto& [partition, row] : progress) {
    batch.Put(database_->family(kProgress), ProgressKey(group, partition), EncodeProgress(row));
  }
  std::lock_guard lock(mutex_);  // held during the write: nobody else may take the partition over in between
  for (const auto& [partition, row] : progress) {
    const bool owned = std::count(member.share.begin(), member.share.end(), partition) > 0;
    if (!owned || generation != member.generation) {
      return Status(Code::kLogUnavailable, "a partition of " + partition.topic + " is another member's now");
    }
  }
  return database_->Write(batch, store::Durability::kSync);
}

}  // namespace freshet::log
