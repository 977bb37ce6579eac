#include "common/store/vector_list_search.h"

#include "common/store/vector_candidates.h"

namespace freshet::store {

std::vector<Hit> SearchLists(const VectorLists& lists, const VectorQuery& query, ReadList read) {
  if (query.vector.size() != lists.dimensions() || query.count == 0) return {};
  VectorCandidates candidates(query, lists.dimensions());
  const auto scan = [&](std::string_view value) { candidates.Scan(ListValue(value, lists.dimensions())); };
  const size_t probes = lists.ProbesFor(query.share);
  size_t read_so_far = 0;
  for (const uint32_t list : lists.InOrder(candidates.codes(), candidates.scale())) {
    // Where chance or a filter has put too few into the nearest lists, farther ones are better than no hit.
    if (read_so_far++ >= probes && candidates.has_enough()) break;
    read(list, scan);
  }
  return candidates.Rescored();
}

}  // namespace freshet::store
