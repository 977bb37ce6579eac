// Fuses ranked lists of chunks into one.
//
//   Fuse({lexical_hits, vector_hits})   // best first, score in (0, 1]
//
// A convex combination of both scores, each by the best of its kind:
//
//   score = .8 * max(cosine, 0) / best cosine + .2 * BM25 / best BM25      // a list that lacks the chunk adds 0
//
// (S. Bruch, S. Gai, A. Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, ACM TOIS 2023: it keeps how much
// better a hit is, which ranks throw away, and needs one weight, flat around its best; here .7 to .9, see
// tests/bench/README.md). One kind alone counts whole, so that 1 means best everywhere.
// Equal scores: the smaller ordinal first, so that answers repeat.
#pragma once

#include <optional>
#include <vector>

#include "common/store/view.h"

namespace freshet::query {

inline constexpr float kVectorWeight = 0.8f;  // of both kinds

struct Candidate {
  size_t collection = 0;  // index among those that are searched
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  std::optional<float> lexical;  // BM25, phrases weighed (phrase.h)
  std::optional<float> vector;   // cosine
  float score = 0;               // fused
};

struct CollectionHits {
  size_t collection = 0;
  std::vector<store::Hit> hits;  // best first
};

// What the vectors' score counts: nothing or all where one kind was not asked for.
float VectorWeight(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector);

// Lexical lists and vector lists, one a collection each; a mode that was not asked for has none.
std::vector<Candidate> Fuse(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector);

}  // namespace freshet::query
