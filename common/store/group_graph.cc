#include "common/store/group_graph.h"

namespace freshet::store {

void GroupGraph::Join(const std::string& group, const Entry& member) {
  ++groups_of_[member.name][Entry(group, member.period)];
}

void GroupGraph::Leave(const std::string& group, const Entry& member) {
  const auto groups = groups_of_.find(member.name);
  if (groups == groups_of_.end()) return;
  const auto joined = groups->second.find(Entry(group, member.period));
  if (joined == groups->second.end()) return;
  if (--joined->second == 0) groups->second.erase(joined);
  if (groups->second.empty()) groups_of_.erase(groups);
}

Principals GroupGraph::Closure(const Principals& principals, Time now) const {
  Principals closure = principals;
  closure.emplace(kEveryone);
  std::vector<std::string> unvisited(closure.begin(), closure.end());
  while (!unvisited.empty()) {
    const auto groups = groups_of_.find(unvisited.back());
    unvisited.pop_back();
    if (groups == groups_of_.end()) continue;
    for (const auto& [group, sources] : groups->second) {
      if (group.period.Contains(now) && closure.insert(group.name).second) unvisited.push_back(group.name);
    }
  }
  return closure;
}

}  // namespace freshet::store
