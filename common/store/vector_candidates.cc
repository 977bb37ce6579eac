#include "common/store/vector_candidates.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "common/model/dot.h"
#include "common/store/filter_bitmap.h"

namespace freshet::store {
namespace {

// Candidates kept for each hit wanted, and at least.
constexpr size_t kCandidatesAHit = 2;
constexpr size_t kFewestCandidates = 64;
// Of these, rescored are the first hits and what may be above the last of them: whose code is less than so many
// standard errors of two codes below. A code errs by rounding, evenly between a half below and a half above.
constexpr float kErrors = 4;

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
  scanned_ = true;
  std::array<uint8_t, kBlock> passing;
  for (size_t begin = 0; begin < size; begin += kBlock) {
    const size_t count = std::min(kBlock, size - begin);
    size_t passed = 0;
    for (size_t i = 0; i < count; ++i) {
      passing[passed] = static_cast<uint8_t>(i);
      passed += Passes(slab, begin + i, all_visible) ? 1 : 0;
    }
    ScanBlock({slab.codes(begin), codes_.size(), count}, std::span(passing).first(passed),
              [&](size_t i) -> const VectorSlab::Entry& { return slab.entry(begin + i); });
  }
}

void VectorCandidates::Scan(const ResidentList& list) {
  scanned_ = true;
  const size_t size = list.size();
  std::array<uint8_t, kBlock> passing;
  for (size_t begin = 0; begin < size; begin += kBlock) {
    const size_t count = std::min(kBlock, size - begin);
    size_t passed = 0;
    for (size_t i = 0; i < count; ++i) {
      passing[passed] = static_cast<uint8_t>(i);
      const DocumentOrdinal document(list.document(begin + i));
      passed += query_.documents == nullptr || query_.documents->Contains(document) ? 1 : 0;
    }
    ScanBlock({list.codes(begin), codes_.size(), count}, std::span(passing).first(passed),
              [&](size_t i) { return list.entry(begin + i); });
  }
}

// Where most of a block passes, reading all of it in one go is cheaper than picking.
template <class EntryOf>
void VectorCandidates::ScanBlock(const CodeBlock& block, std::span<const uint8_t> passing, EntryOf entry) {
  if (passing.empty()) return;
  std::array<int32_t, kBlock> dots;
  if (2 * passing.size() > block.count) {
    model::DotInt8Rows(codes_, block.codes, block.stride, std::span(dots).first(block.count));
  } else {
    for (const uint8_t i : passing)
      dots[i] = model::DotInt8(codes_.data(), block.codes + i * block.stride, codes_.size());
  }
  for (const uint8_t i : passing) {
    const auto& of = entry(i);
    const float score = static_cast<float>(dots[i]) * of.scale;
    if (score >= least_) Consider({score, ChunkOrdinal(of.chunk), DocumentOrdinal(of.document)}, of.scale);
  }
}

void VectorCandidates::Consider(const Candidate& candidate, float scale) {
  if (query_.live && !query_.live(candidate.chunk, candidate.document)) return;
  coarsest_ = std::max(coarsest_, scale);
  candidates_.push_back(candidate);
  if (candidates_.size() == 2 * wanted_) KeepBest();
}

void VectorCandidates::KeepBest() {
  if (candidates_.size() <= wanted_) return;
  std::nth_element(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(wanted_ - 1), candidates_.end());
  candidates_.resize(wanted_);
  least_ = candidates_.back().score;
}

// Those whose vectors cannot be among the hits. Vectors are of unit length, so that a dot product errs by the root of
// the sum of both codes' squared errors.
void VectorCandidates::DropHopeless() {
  if (candidates_.size() <= query_.count || !(scale_ > 0)) return;
  std::vector<float> scores;
  for (const Candidate& candidate : candidates_) scores.push_back(candidate.score);
  const auto last = scores.begin() + static_cast<ptrdiff_t>(query_.count - 1);
  std::nth_element(scores.begin(), last, scores.end(), std::greater<>());
  const float squares = (scale_ * scale_ + coarsest_ * coarsest_) / 12;
  const float least = *last - kErrors * std::sqrt(2 * squares) / scale_;
  std::erase_if(candidates_, [&](const Candidate& candidate) { return candidate.score < least; });
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
  if (scanned_) KeepBest();
  // In the order of their chunks, which is the order of the owner's keys.
  std::sort(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) { return a.chunk < b.chunk; });
  const auto same = [](const auto& a, const auto& b) { return a.chunk == b.chunk; };
  candidates_.erase(std::unique(candidates_.begin(), candidates_.end(), same), candidates_.end());
  if (query_.rescore) {
    if (scanned_) DropHopeless();
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
