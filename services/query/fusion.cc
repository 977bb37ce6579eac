#include "services/query/fusion.h"

#include <algorithm>
#include <map>

namespace freshet::query {
namespace {

constexpr float kRankConstant = 60;

struct Ranked {
  size_t collection;
  store::Hit hit;
};

// All collections' hits of one kind of search in one list, best first: scores of one kind compare across collections.
std::vector<Ranked> Merge(const std::vector<CollectionHits>& lists) {
  std::vector<Ranked> merged;
  for (const CollectionHits& list : lists) {
    for (const store::Hit& hit : list.hits) merged.push_back({list.collection, hit});
  }
  std::stable_sort(merged.begin(), merged.end(),
                   [](const Ranked& a, const Ranked& b) { return a.hit.score > b.hit.score; });
  return merged;
}

}  // namespace

std::vector<Candidate> Fuse(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector) {
  std::map<std::pair<size_t, ChunkOrdinal>, Candidate> found;
  const float most = (float(!lexical.empty()) + float(!vector.empty())) / (kRankConstant + 1);
  const auto add = [&](const std::vector<CollectionHits>& lists, std::optional<float> Candidate::*kind) {
    float rank = 0;
    for (const Ranked& ranked : Merge(lists)) {
      Candidate& candidate = found[{ranked.collection, ranked.hit.chunk}];
      candidate.collection = ranked.collection;
      candidate.chunk = ranked.hit.chunk;
      candidate.document = ranked.hit.document;
      candidate.*kind = ranked.hit.score;
      candidate.score += 1 / (kRankConstant + ++rank) / most;
    }
  };
  add(lexical, &Candidate::lexical);
  add(vector, &Candidate::vector);
  std::vector<Candidate> fused;
  fused.reserve(found.size());
  for (auto& [key, candidate] : found) fused.push_back(std::move(candidate));
  std::stable_sort(fused.begin(), fused.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  return fused;
}

}  // namespace freshet::query
