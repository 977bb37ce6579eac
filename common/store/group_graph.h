// GroupGraph: who belongs to which groups, groups within groups, and so whom a caller counts as.
//
//   graph.Join("group:nurses", "user:ada");      graph.Join("group:staff", "group:nurses");
//   graph.Closure({"user:ada"})                  // user:ada, group:nurses, group:staff, group:everyone
//
// Two sources may each say who is in a group: it has the members of both. Cycles do no harm. Readers may run together,
// not beside a writer.
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
  void Join(const std::string& group, const std::string& member);
  void Leave(const std::string& group, const std::string& member);  // undoes one Join
  // The principals given, everyone, and all groups around them.
  Principals Closure(const Principals& principals) const;

 private:
  // By member: its groups, and how many sources say so.
  std::unordered_map<std::string, std::map<std::string, uint32_t>> groups_of_;
};

}  // namespace freshet::store
