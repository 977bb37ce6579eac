#include "services/query/fusion.h"

#include <algorithm>
#include <map>

namespace freshet::query {
namespace {

float BestOf(const std::vector<CollectionHits>& lists) {
  float best = 0;
  for (const CollectionHits& list : lists) {
    for (const store::Hit& hit : list.hits) best = std::max(best, hit.score);
  }
  return best;
}

}  // namespace

float VectorWeight(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector) {
  return vector.empty() ? 0 : lexical.empty() ? 1 : kVectorWeight;
}

std::vector<Candidate> Fuse(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector) {
  std::map<std::pair<size_t, ChunkOrdinal>, Candidate> found;
  // Scores of one kind compare across collections.
  const auto add = [&](const std::vector<CollectionHits>& lists, float weight, std::optional<float> Candidate::*kind) {
    const float best = BestOf(lists);
    for (const CollectionHits& list : lists) {
      for (const store::Hit& hit : list.hits) {
        Candidate& candidate = found[{list.collection, hit.chunk}];
        candidate.collection = list.collection;
        candidate.chunk = hit.chunk;
        candidate.document = hit.document;
        candidate.*kind = hit.score;
        if (best > 0) candidate.score += weight * std::max(hit.score, 0.0f) / best;
      }
    }
  };
  const float vector_weight = VectorWeight(lexical, vector);
  add(lexical, 1 - vector_weight, &Candidate::lexical);
  add(vector, vector_weight, &Candidate::vector);
  std::vector<Candidate> fused;
  fused.reserve(found.size());
  for (auto& [key, candidate] : found) fused.push_back(std::move(candidate));
  std::stable_sort(fused.begin(), fused.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  return fused;
}

}  // namespace freshet::query
