// VectorCandidates: one search through 8-bit codes: the best by code, then the best of these by their vectors.
//
//   VectorCandidates candidates(query, 384);
//   for (const auto& slab : slabs) candidates.Scan(*slab);
//   std::vector<Hit> hits = candidates.Rescored();
//
// or through inverted lists (vector_list_cache.h), which know of no commits: there query.live says what is there.
// One thread.
#pragma once

#include <array>
#include <vector>

#include "common/store/vector_list_cache.h"
#include "common/store/vector_slab.h"

namespace freshet::store {

class VectorCandidates {
 public:
  // `query` must outlive this.
  VectorCandidates(const VectorQuery& query, uint32_t dimensions);

  void Scan(const VectorSlab& slab);
  void Scan(const ResidentList& list);
  // Whatever its code may be: to be rescored. Not beside Scan.
  void Take(ChunkOrdinal chunk, DocumentOrdinal document) { candidates_.push_back({0, chunk, document}); }
  bool has_enough() const { return candidates_.size() >= query_.count; }
  std::span<const int8_t> codes() const { return codes_; }  // of the query
  float scale() const { return scale_; }
  // No chunk twice.
  std::vector<Hit> Rescored();

 private:
  static constexpr size_t kBlock = 64;

  struct CodeBlock {
    const int8_t* codes;
    size_t stride;
    size_t count;
  };
  struct Candidate {
    float score;
    ChunkOrdinal chunk;
    DocumentOrdinal document;
    bool operator<(const Candidate& other) const {  // the better first
      return score != other.score ? score > other.score : chunk < other.chunk;
    }
  };

  bool Passes(const VectorSlab& slab, size_t i, bool all_visible) const;
  // Entries one behind the other: codes begin at `codes`, `stride` bytes apart; `entry(i)` is what they are of.
  template <class EntryOf>
  void ScanBlock(const CodeBlock& block, std::span<const uint8_t> passing, EntryOf entry);
  void Consider(const Candidate& candidate, float scale);
  void KeepBest();
  void DropHopeless();
  void Rescore();

  const VectorQuery& query_;
  const uint64_t commit_;
  const size_t wanted_;  // candidates to rescore
  std::vector<int8_t> codes_;
  float scale_;
  float least_;         // what a candidate must exceed
  float coarsest_ = 0;  // the largest scale of a candidate's codes
  bool scanned_ = false;
  std::vector<Candidate> candidates_;
};

}  // namespace freshet::store
