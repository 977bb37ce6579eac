// PrincipalBitmaps: for each principal, the documents whose list names it, for good or for a time, as Roaring bitmaps.
//
//   bitmaps.Add({"group:nurses"}, documents);       bitmaps.Add({"user:locum", {.until = friday}}, documents);
//   Roaring named = bitmaps.Of({closure, moment});  // the lists of which documents name one of them now
//
// What is over is passed by, not looked through: a list that nobody renews costs memory and no time. Plain value.
#pragma once

#include <map>
#include <roaring/roaring.hh>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/store/access_record.h"

namespace freshet::store {

class PrincipalBitmaps {
 public:
  void Add(const Entry& entry, const Roaring& documents) { Place(entry) |= documents; }
  void Add(const Entry& entry, uint32_t document) { Place(entry).add(document); }
  void Remove(const Entry& entry, const Roaring& documents);
  Roaring Of(Asking asking) const;

 private:
  using ByPeriod = std::map<Period, Roaring>;  // the first to end first
  Roaring& Place(const Entry& entry) {
    return entry.period.is_limited() ? limited_[entry.name][entry.period] : always_[entry.name];
  }
  static void Collect(const ByPeriod& limited, Moment& moment, std::vector<const Roaring*>& parts);

  std::unordered_map<std::string, Roaring> always_;
  std::unordered_map<std::string, ByPeriod> limited_;
};

}  // namespace freshet::store
