// Latest: of the last so many names the newest position that was seen. Topics that keep the last record of a key
// (groups, identities) must not be given an older one after a newer one: a source that hears things late asks here
// first.
//
//   if (!latest.Advance(HashOf(name), position)) return;   // something newer has been published
//
// What fell out of memory counts as new. One thread.
#pragma once

#include <deque>
#include <map>

#include "common/base/bytes.h"

namespace freshet {

class Latest {
 public:
  explicit Latest(size_t most) : most_(most) {}

  // False where a larger position was seen; else this one is remembered.
  bool Advance(const Hash128& name, uint64_t position) {
    const auto [place, is_new] = positions_.try_emplace(name, position);
    if (!is_new && position < place->second) return false;
    place->second = position;
    if (!is_new) return true;
    order_.push_back(name);
    if (order_.size() > most_) {
      positions_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

 private:
  const size_t most_;
  std::map<Hash128, uint64_t> positions_;
  std::deque<Hash128> order_;  // as they came
};

}  // namespace freshet
