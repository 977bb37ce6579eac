// Ranking: what Fuse gives (fusion.h) of lists whose lexical scores are weighed, best first, one at a time; a hit is
// weighed, which reads its text, only where its place among those that are asked for depends on it.
//
//   Ranking ranking(lexical_hits, vector_hits, {.factor = read_and_weigh, .most = 1.5f, .depth = 50});
//   while (const std::optional<Candidate> best = ranking.Next()) ...
//
// `factor` is asked once a hit at most, and gives from 1 to `most`. The order and the scores are, to the last bit,
// those of all hits weighed. How: until a hit is weighed it stands where its largest factor would put it; what comes
// first and is weighed stays first (Fagin, Lotem & Naor, Optimal Aggregation Algorithms for Middleware, PODS 2001: the
// threshold algorithm). One thread.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "services/query/fusion.h"

namespace freshet::query {

struct Weighing {
  std::function<float(const Candidate&)> factor;  // of a lexical score; null: 1
  float most = 1;
  size_t depth = 0;  // hits of each lexical list that are weighed at all: its first
};

class Ranking {
 public:
  Ranking(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector, Weighing weighing);

  // Nothing where all have been given.
  std::optional<Candidate> Next();

 private:
  // A candidate, its score the largest that it may have until it is weighed.
  struct Place {
    Candidate candidate;
    bool weighed = true;
    bool operator<(const Place& other) const;  // the better first; of equal ones what is not weighed yet
  };
  using Key = std::pair<size_t, ChunkOrdinal>;

  void Weigh(Place& place);
  void FindBestLexical(const std::vector<CollectionHits>& lists);
  void Score(Place& place) const;

  const Weighing weighing_;
  const float vector_weight_;
  float best_lexical_ = 0;
  float best_vector_ = 0;
  std::map<Key, Place> found_;  // while lists are read
  std::set<Place> places_;
};

}  // namespace freshet::query
