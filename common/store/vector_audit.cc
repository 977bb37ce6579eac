#include "common/store/vector_audit.h"

#include <algorithm>

#include "common/model/dot.h"
#include "common/store/database.h"
#include "common/store/keys.h"

namespace freshet::store {
namespace {

constexpr float kEqual = 1e-4F;  // kernels may differ in the last bits

}  // namespace

bool VectorAudit::AtEnd() const {
  return !vectors_.entries->Valid() || !vectors_.entries->key().starts_with(vectors_.prefix);
}

Result<bool> VectorAudit::Step(size_t vectors) {
  for (; vectors > 0 && !AtEnd(); --vectors, vectors_.entries->Next()) FRESHET_RETURN_IF_ERROR(TakeOne());
  FRESHET_RETURN_IF_ERROR(FromRocks(vectors_.entries->status()));
  return !AtEnd();
}

Status VectorAudit::TakeOne() {
  const rocksdb::Slice key = vectors_.entries->key(), value = vectors_.entries->value();
  ChunkOrdinal chunk;
  std::vector<uint16_t> half(questions_.front().vector.size());
  if (!ParseChunkKey({key.data(), key.size()}, chunk) || value.size() != 2 * half.size()) {
    return Status(Code::kCorruptStore, "a vector");
  }
  if (!vectors_.is_there(chunk)) return OkStatus();
  for (size_t i = 0; i < half.size(); ++i) {
    half[i] = static_cast<uint16_t>(static_cast<uint8_t>(value[2 * i]) | static_cast<uint8_t>(value[2 * i + 1]) << 8);
  }
  for (Question& question : questions_) {
    std::vector<float>& best = question.best;
    const float score = model::DotHalf(question.vector.data(), half.data(), half.size());
    if (best.size() == kTop && score <= best.front()) continue;
    best.push_back(score);
    std::ranges::push_heap(best, std::greater());
    if (best.size() <= kTop) continue;
    std::ranges::pop_heap(best, std::greater());
    best.pop_back();
  }
  return OkStatus();
}

VectorRecall VectorAudit::recall() const {
  VectorRecall recall;
  for (const Question& question : questions_) {
    if (question.best.empty()) continue;
    const float least = question.best.front() - kEqual;
    const auto near = std::ranges::count_if(question.hits, [&](const Hit& hit) { return hit.score >= least; });
    recall.wanted += question.best.size();
    recall.found += std::min<uint64_t>(static_cast<uint64_t>(near), question.best.size());
  }
  return recall;
}

}  // namespace freshet::store
