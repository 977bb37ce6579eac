// Seen: the newest version of each of the last so many resources that were read, to leave out what is read again, and
// what is older than what has been read: histories come newest first, and overlap.
//
//   if (!seen.Advance(id, version)) continue;
//
// What fell out of memory counts as new: then it is published again, and changes nothing. One thread.
#pragma once

#include <deque>
#include <map>
#include <string_view>

#include "common/base/bytes.h"

namespace freshet::fhir {

class Seen {
 public:
  explicit Seen(size_t most) : most_(most) {}

  bool IsNew(std::string_view id, const Version& version) const {
    const auto known = newest_.find(HashOf(id));
    return known == newest_.end() || version > known->second;
  }
  bool Advance(std::string_view id, const Version& version) {
    const Hash128 name = HashOf(id);
    const auto [place, is_new] = newest_.try_emplace(name, version);
    if (!is_new && version <= place->second) return false;
    place->second = version;
    if (!is_new) return true;
    order_.push_back(name);
    if (order_.size() > most_) {
      newest_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }
  void Clear() {
    newest_.clear();
    order_.clear();
  }

 private:
  const size_t most_;
  std::map<Hash128, Version> newest_;
  std::deque<Hash128> order_;  // as they came
};

}  // namespace freshet::fhir
