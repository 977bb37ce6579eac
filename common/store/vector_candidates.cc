#include "common/store/vector_candidates.h"

#include <algorithm>
#include <limits>

#include "common/model/dot.h"
#include "common/store/filter_bitmap.h"

namespace freshet::store {
namespace {

// Candidates rescored for each hit wanted, and at least: enough for a recall of .99 (vector_scan_test.cc).
constexpr size_t kCandidatesAHit = 4;
constexpr size_t kFewestCandidates = 64;

}  // namespace

VectorCandidates::VectorCandidates(const VectorQuery& query, uint32_t dimensions)
    : query_(query),
      commit_(std::min(query.commit, VectorSlab::kNever - 1)),
      wanted_(query.rescore ? std::max(kCandidatesAHit * query.count, kFewestCandidates) : query.count),
      codes_(dimensions),
      scale_(model::Quantize(query.vector, codes_)),
      least_(-std::numeric_limits<float>::infinity()) {
  candidates_.reserve(2 * wanted_);
}

bool VectorCandidates::Passes(const VectorSlab& slab, size_t i, bool all_visible) const {
  if (!all_visible && !slab.Visible(i, commit_)) return false;
  return query_.documents == nullptr || query_.documents->Contains(DocumentOrdinal(slab.entry(i).document));
}

void VectorCandidates::Scan(const VectorSlab& slab) {
  const size_t size = slab.size();
  const bool all_visible = slab.AllVisible(commit_);
  if (all_visible && query_.documents == nullptr) {
    for (size_t begin = 0; begin < size; begin += kBlock) ScanBlock(slab, begin, std::min(begin + kBlock, size));
    return;
  }
  for (size_t i = 0; i < size; ++i) {
    if (!Passes(slab, i, all_visible)) continue;
    const int32_t dot = model::DotInt8(codes_.data(), slab.codes(i), codes_.size());
    Consider(slab.entry(i), static_cast<float>(dot) * slab.entry(i).scale);
  }
}

void VectorCandidates::ScanBlock(const VectorSlab& slab, size_t begin, size_t end) {
  std::array<int32_t, kBlock> dots;
  model::DotInt8Rows(codes_, slab.codes(begin), std::span(dots).first(end - begin));
  for (size_t i = begin; i < end; ++i) {
    Consider(slab.entry(i), static_cast<float>(dots[i - begin]) * slab.entry(i).scale);
  }
}

void VectorCandidates::Consider(const VectorSlab::Entry& entry, float score) {
  if (!(score >= least_)) return;
  const ChunkOrdinal chunk(entry.chunk);
  const DocumentOrdinal document(entry.document);
  if (query_.live && !query_.live(chunk, document)) return;
  candidates_.push_back({score, chunk, document});
  if (candidates_.size() == 2 * wanted_) KeepBest();
}

void VectorCandidates::KeepBest() {
  if (candidates_.size() <= wanted_) return;
  std::nth_element(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(wanted_ - 1), candidates_.end());
  candidates_.resize(wanted_);
  least_ = candidates_.back().score;
}

// Scores the candidates by their vectors; those that the owner does not have go.
void VectorCandidates::Rescore() {
  std::vector<ChunkOrdinal> chunks;
  for (const Candidate& candidate : candidates_) chunks.push_back(candidate.chunk);
  std::vector<Candidate> rescored;
  rescored.reserve(candidates_.size());
  const auto give = [&](size_t index, std::span<const uint16_t> half) {
    if (index >= candidates_.size() || half.size() != query_.vector.size()) return;
    Candidate candidate = candidates_[index];
    candidate.score = model::DotHalf(query_.vector.data(), half.data(), half.size());
    if (candidate.score == candidate.score) rescored.push_back(candidate);  // what is no number is no hit
  };
  query_.rescore(chunks, give);
  candidates_ = std::move(rescored);
}

std::vector<Hit> VectorCandidates::Rescored() {
  KeepBest();
  if (query_.rescore) {
    // In the order of their chunks, which is the order of the owner's keys.
    std::sort(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) { return a.chunk < b.chunk; });
    Rescore();
  } else {
    for (Candidate& candidate : candidates_) candidate.score *= scale_;
  }
  std::sort(candidates_.begin(), candidates_.end());
  if (candidates_.size() > query_.count) candidates_.resize(query_.count);
  std::vector<Hit> hits;
  for (const Candidate& candidate : candidates_) hits.push_back({candidate.chunk, candidate.document, candidate.score});
  return hits;
}

}  // namespace freshet::store
