// WakeTable: who is to be woken when a partition grows.
//
//   table.Watch(consumer, waker, {partition.state});   table.Wake({partition.state});   table.Forget(consumer);
//
// Any thread. After Forget returns, the waker is not touched again.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/base/waker.h"
#include "common/log/topic_table.h"

namespace freshet::log {

class WakeTable {
 public:
  // From now on `consumer` (any unique number) is woken by these partitions and no others. A null waker: never.
  void Watch(uint64_t consumer, Waker* waker, std::vector<const PartitionState*> partitions) {
    std::lock_guard lock(mutex_);
    Remove(consumer);
    if (waker == nullptr) return;
    for (const PartitionState* partition : partitions) watchers_[partition][consumer] = waker;
    watched_[consumer] = std::move(partitions);
  }

  void Forget(uint64_t consumer) {
    std::lock_guard lock(mutex_);
    Remove(consumer);
  }

  void Wake(std::span<const PartitionState* const> partitions) {
    std::lock_guard lock(mutex_);
    for (const PartitionState* partition : partitions) {
      const auto found = watchers_.find(partition);
      if (found == watchers_.end()) continue;
      for (const auto& [consumer, waker] : found->second) waker->Wake();
    }
  }

 private:
  void Remove(uint64_t consumer) {
    const auto watched = watched_.find(consumer);
    if (watched == watched_.end()) return;
    for (const PartitionState* partition : watched->second) watchers_[partition].erase(consumer);
    watched_.erase(watched);
  }

  std::mutex mutex_;
  std::unordered_map<const PartitionState*, std::map<uint64_t, Waker*>> watchers_;
  std::unordered_map<uint64_t, std::vector<const PartitionState*>> watched_;
};

}  // namespace freshet::log
