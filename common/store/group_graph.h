// GroupGraph: who belongs to which groups, groups within groups, and so whom a caller counts as.
//
//   graph.Join("group:nurses", {"user:ada"});      graph.Join("group:staff", {"group:nurses"});
//   graph.Closure({"user:ada"}, now)             // user:ada, group:nurses, group:staff, group:everyone
//
// Two sources may each say who is in a group, and when: it has the members of both. Cycles do no harm. Readers may run
// together, not beside a writer.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/store/access_record.h"

namespace freshet::store {

inline constexpr std::string_view kEveryone = "group:everyone";

class GroupGraph {
 public:
  void Join(const std::string& group, const Entry& member);
  void Leave(const std::string& group, const Entry& member);  // undoes one Join
  // The principals given, everyone, and all groups that they are in at this time, by whatever groups between.
  Principals Closure(const Principals& principals, Time now) const;

 private:
  // By member: its groups and when, and how many sources say so.
  std::unordered_map<std::string, std::map<Entry, uint32_t>> groups_of_;
};

}  // namespace freshet::store
