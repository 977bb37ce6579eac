// VectorCandidates: one search through slabs of 8-bit codes: the best by code, then the best of these by their vectors.
//
//   VectorCandidates candidates(query, 384);
//   for (const auto& slab : slabs) candidates.Scan(*slab);
//   std::vector<Hit> hits = candidates.Rescored();
//
// One thread.
#pragma once

#include <array>
#include <vector>

#include "common/store/vector_slab.h"

namespace freshet::store {

class VectorCandidates {
 public:
  // `query` must outlive this.
  VectorCandidates(const VectorQuery& query, uint32_t dimensions);

  void Scan(const VectorSlab& slab);
  std::vector<Hit> Rescored();

 private:
  static constexpr size_t kBlock = 64;

  struct Candidate {
    float score;
    ChunkOrdinal chunk;
    DocumentOrdinal document;
    bool operator<(const Candidate& other) const {  // the better first
      return score != other.score ? score > other.score : chunk < other.chunk;
    }
  };

  bool Passes(const VectorSlab& slab, size_t i, bool all_visible) const;
  void ScanBlock(const VectorSlab& slab, size_t begin, size_t count, std::span<const uint8_t> passing);
  void Consider(const VectorSlab::Entry& entry, float score);
  void KeepBest();
  void Rescore();

  const VectorQuery& query_;
  const uint64_t commit_;
  const size_t wanted_;  // candidates to rescore
  std::vector<int8_t> codes_;
  float scale_;
  float least_;  // what a candidate must exceed
  std::vector<Candidate> candidates_;
};

}  // namespace freshet::store
