#include "common/store/vector_list_search.h"

#include <algorithm>

#include "common/store/vector_candidates.h"

namespace freshet::store {

std::vector<Hit> SearchLists(const VectorLists& lists, const VectorQuery& query, ReadList read) {
  if (query.vector.size() != lists.dimensions() || query.count == 0) return {};
  VectorCandidates candidates(query, lists.dimensions());
  const auto scan = [&](std::string_view value) { candidates.Scan(ListValue(value, lists.dimensions())); };
  const auto less = [](const VectorLists::Step& a, const VectorLists::Step& b) { return b < a; };
  std::vector<VectorLists::Step> steps = lists.Promises(candidates.codes(), candidates.scale());
  std::make_heap(steps.begin(), steps.end(), less);
  while (!steps.empty() && !(candidates.ScoreOf(query.count) >= steps.front().promise)) {
    read(steps.front().list, scan);
    std::pop_heap(steps.begin(), steps.end(), less);
    steps.pop_back();
  }
  return candidates.Rescored();
}

}  // namespace freshet::store
