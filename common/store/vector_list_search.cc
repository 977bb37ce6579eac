#include "common/store/vector_list_search.h"

#include <algorithm>

#include "common/store/vector_candidates.h"

namespace freshet::store {

std::vector<Hit> SearchLists(const VectorLists& lists, const VectorQuery& query, size_t least, ReadList read) {
  if (query.vector.size() != lists.dimensions() || query.count == 0) return {};
  VectorCandidates candidates(query, lists.dimensions());
  const auto scan = [&](uint32_t number) {
    if (const auto list = read(number)) candidates.Scan(*list);
  };
  const size_t probes = std::clamp(least, lists.ProbesFor(query.share), lists.size());
  for (const uint32_t list : lists.NearestFew(candidates.codes(), candidates.scale(), probes)) scan(list);
  if (candidates.has_enough()) return candidates.Rescored();
  // Where chance or a filter has put too few into the nearest lists, farther ones are better than no hit.
  const std::vector<uint32_t> order = lists.InOrder(candidates.codes(), candidates.scale());
  for (size_t i = probes; i < order.size() && !candidates.has_enough(); ++i) scan(order[i]);
  return candidates.Rescored();
}

}  // namespace freshet::store
