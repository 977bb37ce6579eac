// Recent: the last so many names that were added. Any thread.
//
//   if (recent.Contains(name)) return;   ...   recent.Add(name);
#pragma once

#include <deque>
#include <mutex>
#include <set>

#include "common/base/bytes.h"

namespace freshet {

class Recent {
 public:
  explicit Recent(size_t most) : most_(most) {}

  bool Contains(const Hash128& name) const {
    std::lock_guard lock(mutex_);
    return names_.contains(name);
  }
  void Add(const Hash128& name) {
    std::lock_guard lock(mutex_);
    if (!names_.insert(name).second) return;
    order_.push_back(name);
    if (order_.size() <= most_) return;
    names_.erase(order_.front());
    order_.pop_front();
  }

 private:
  const size_t most_;
  mutable std::mutex mutex_;
  std::set<Hash128> names_;
  std::deque<Hash128> order_;
};

}  // namespace freshet
