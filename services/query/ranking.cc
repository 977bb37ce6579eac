#include "services/query/ranking.h"

#include <algorithm>
#include <tuple>

namespace freshet::query {

bool Ranking::Place::operator<(const Place& other) const {
  if (candidate.score != other.candidate.score) return candidate.score > other.candidate.score;
  return std::tuple(weighed, candidate.collection, candidate.chunk) <
         std::tuple(other.weighed, other.candidate.collection, other.candidate.chunk);
}

Ranking::Ranking(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector,
                 Weighing weighing)
    : weighing_(std::move(weighing)), vector_weight_(VectorWeight(lexical, vector)) {
  const auto add = [&](const CollectionHits& list, size_t i) -> Place& {
    const store::Hit& hit = list.hits[i];
    Place& place = found_[{list.collection, hit.chunk}];
    place.candidate.collection = list.collection;
    place.candidate.chunk = hit.chunk;
    place.candidate.document = hit.document;
    return place;
  };
  for (const CollectionHits& list : lexical) {
    for (size_t i = 0; i < list.hits.size(); ++i) {
      Place& place = add(list, i);
      place.candidate.lexical = list.hits[i].score;
      place.weighed = weighing_.factor == nullptr || i >= weighing_.depth;
    }
  }
  for (const CollectionHits& list : vector) {
    for (size_t i = 0; i < list.hits.size(); ++i) {
      add(list, i).candidate.vector = list.hits[i].score;
      best_vector_ = std::max(best_vector_, list.hits[i].score);
    }
  }
  FindBestLexical(lexical);
  for (auto& [key, place] : found_) {
    Score(place);
    places_.insert(std::move(place));
  }
  found_.clear();
}

// By which all are measured: those that may be it are weighed, the likeliest first.
void Ranking::FindBestLexical(const std::vector<CollectionHits>& lists) {
  for (const CollectionHits& list : lists) {
    for (const store::Hit& hit : list.hits) {
      if (hit.score * weighing_.most <= best_lexical_) break;  // best first
      Place& place = found_.at({list.collection, hit.chunk});
      Weigh(place);
      best_lexical_ = std::max(best_lexical_, *place.candidate.lexical);
    }
  }
}

void Ranking::Weigh(Place& place) {
  if (place.weighed) return;
  place.weighed = true;
  *place.candidate.lexical *= weighing_.factor(place.candidate);
}

// As Fuse does, in its order of adding.
void Ranking::Score(Place& place) const {
  Candidate& candidate = place.candidate;
  candidate.score = 0;
  const float most = place.weighed ? 1 : weighing_.most;
  if (candidate.lexical && best_lexical_ > 0) {
    candidate.score += (1 - vector_weight_) * std::max(*candidate.lexical * most, 0.0f) / best_lexical_;
  }
  if (candidate.vector && best_vector_ > 0) {
    candidate.score += vector_weight_ * std::max(*candidate.vector, 0.0f) / best_vector_;
  }
}

std::optional<Candidate> Ranking::Next() {
  while (!places_.empty()) {
    Place first = std::move(places_.extract(places_.begin()).value());
    if (first.weighed) return std::move(first.candidate);
    Weigh(first);
    Score(first);
    places_.insert(std::move(first));
  }
  return std::nullopt;
}

}  // namespace freshet::query
