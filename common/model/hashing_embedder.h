// HashingEmbedder: feature hashing (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML
// 2009): each case-folded word adds to four signed slots out of 384, each pair of neighbours to two at half the weight.
//
//   model::HashingEmbedder embedder;   embedder.name() == "hashing-384"
//
// It knows no meaning, only shared words: it exists for tests and measurements that do not judge quality. A text
// without a word gets the first unit vector. The vectors are the same on every machine and in every release.
#pragma once

#include "common/model/embedder.h"

namespace freshet::model {

class HashingEmbedder final : public Embedder {
 public:
  static constexpr uint32_t kDimensions = 384;

  std::string_view name() const override { return "hashing-384"; }
  uint32_t dimensions() const override { return kDimensions; }
  bool worth_caching() const override { return false; }

 protected:
  Result<EmbeddingBatch> Compute(std::span<const std::string_view> texts, Priority priority) const override;
};

}  // namespace freshet::model
