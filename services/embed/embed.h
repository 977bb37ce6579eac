// EmbedStage: a chunked document to one with vectors; texts that are equal, or were embedded before, are embedded once.
//
//   embed::EmbedStage stage(options);
//   auto outcomes = stage.Process(batch, embed::EmbedState{.embedder = embedder.get(), .cache = cache.get()});
//
// Within a batch equal hashes are embedded once, across documents; then the cache is asked for all of them at once;
// then the misses go to the model in batches sorted by length. A model that fails with a code to be retried fails the
// documents that needed it and no others: the runner retries those. A cache that fails costs time, never an answer.
// One thread at a time, like every stage.
#pragma once

#include <memory>

#include "common/model/embedder.h"
#include "common/stage/stage.h"
#include "schemas/chunked.h"
#include "services/embed/cache.h"
#include "services/embed/options.h"

namespace freshet::embed {

struct EmbedState {
  const model::Embedder* embedder = nullptr;  // never null in a call
  VectorCache* cache = nullptr;               // null: none
};

// What the last calls did, for metrics: sums since construction.
struct EmbedCounts {
  uint64_t chunks = 0;      // that asked for a vector
  uint64_t duplicates = 0;  // of another chunk in the same batch
  uint64_t cache_hits = 0;
  uint64_t embedded = 0;         // texts that the model was given
  uint64_t cache_errors = 0;     // look-ups or stores that failed; the answer did not
  uint64_t without_vectors = 0;  // documents that went on without
};

class EmbedStage final : public Stage<ChunkedDocument, EmbeddedDocument, EmbedState> {
 public:
  explicit EmbedStage(const EmbedOptions& options) : options_(options) {}

  Step step() const override { return Step::kEmbed; }
  std::vector<Result<Outcome>> Process(std::span<const Input> batch, const EmbedState& state) override;

  const EmbedCounts& counts() const { return counts_; }

 private:
  EmbedOptions options_;
  EmbedCounts counts_;
  uint32_t failures_in_a_row_ = 0;
};

}  // namespace freshet::embed
