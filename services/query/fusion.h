// Fuses ranked lists of chunks into one.
//
//   Fuse({lexical_hits, vector_hits})   // best first, score in (0, 1]
//
// Reciprocal rank fusion: score = Σ 1/(60 + rank) over the lists that have the chunk (G. Cormack, C. Clarke, S.
// Büttcher, Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods, SIGIR 2009), divided by
// the most that a chunk can have, so that 1 means first everywhere. Equal scores: the smaller ordinal first, so that
// answers repeat.
#pragma once

#include <optional>
#include <vector>

#include "common/store/view.h"

namespace freshet::query {

struct Candidate {
  size_t collection = 0;  // index among those that are searched
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  std::optional<float> lexical;  // BM25
  std::optional<float> vector;   // cosine
  float score = 0;               // fused
};

struct CollectionHits {
  size_t collection = 0;
  std::vector<store::Hit> hits;  // best first
};

// Lexical lists and vector lists, one a collection each; a mode that was not asked for has none.
std::vector<Candidate> Fuse(const std::vector<CollectionHits>& lexical, const std::vector<CollectionHits>& vector);

}  // namespace freshet::query
