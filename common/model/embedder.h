// Embedder: texts to unit-length vectors, by one model; used by the embed service and, for queries, by the query
// service, so that both sides are the same code.
//
//   FRESHET_ASSIGN_OR_RETURN(auto embedder, model::MakeEmbedder({.kind = "hashing"}));
//   FRESHET_ASSIGN_OR_RETURN(EmbeddingBatch batch, embedder->Embed(texts));    // somebody waits for it
//   FRESHET_ASSIGN_OR_RETURN(EmbeddingBatch more, embedder->Embed(texts, model::Priority::kBackground));
//   std::span<const float> vector = batch[0];   // of length 1, so that a dot product is the cosine
//
// Implementations are immutable after construction: Embed may be called from any number of threads at once. The same
// text gives the same vector whatever stands beside it in a batch. Codes: unavailable, timeout (a model behind a
// network: retry); internal_error. An embedder truncates at its model's limit, which the chunker keeps chunks under.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::model {

// One vector a text, in the order of the texts.
struct EmbeddingBatch {
  uint32_t dimensions = 0;
  std::vector<float> values;  // row after row

  size_t size() const { return dimensions == 0 ? 0 : values.size() / dimensions; }
  std::span<const float> operator[](size_t row) const {
    return std::span(values).subspan(row * dimensions, dimensions);
  }
};

enum class Priority : uint8_t {
  kLive,        // a query, a change that was just made
  kBackground,  // a backfill: gives way to the others
};

class Embedder {
 public:
  virtual ~Embedder() = default;

  // What vectors of this model are stored under: "hashing-384". Two embedders of one name give equal vectors.
  virtual std::string_view name() const = 0;
  virtual uint32_t dimensions() const = 0;

  Result<EmbeddingBatch> Embed(std::span<const std::string_view> texts, Priority priority = Priority::kLive) const {
    return Compute(texts, priority);
  }

  // The model's own token ids of a text, as it would embed it; empty where a model has none.
  virtual std::vector<uint32_t> TokenIds(std::string_view text) const { return {}; }

  // False where computing a vector costs less than looking it up in a store.
  virtual bool worth_caching() const { return true; }

 protected:
  virtual Result<EmbeddingBatch> Compute(std::span<const std::string_view> texts, Priority priority) const = 0;
};

}  // namespace freshet::model
