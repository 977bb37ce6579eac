// EmbedStage: a chunked document to one with vectors; texts that are equal, or were embedded before, are embedded once.
//
//   embed::EmbedStage stage(options);
//   auto outcomes = stage.Process(batch, embed::EmbedState{.embedder = embedder.get(), .cache = cache.get()});
//
// Within a batch equal hashes are embedded once, across documents; then the cache is asked for all of them at once;
// then the misses go to the model in batches sorted by length. Codes: what the embedder says (unavailable, timeout: the
// runner retries), for the documents that needed it and no others; internal_error where the model answers with vectors
// of another number, size or length than 1. A cache that fails costs time, never an answer.
// One thread at a time, like every stage.
#pragma once

#include "common/model/embedder.h"
#include "common/stage/stage.h"
#include "schemas/chunked.h"
#include "services/embed/cache.h"
#include "services/embed/counts.h"
#include "services/embed/options.h"

namespace freshet::embed {

class Plan;

struct EmbedState {
  const model::Embedder* embedder = nullptr;  // never null in a call
  VectorCache* cache = nullptr;               // null: none
  model::Priority priority = model::Priority::kLive;
};

class EmbedStage final : public Stage<ChunkedDocument, EmbeddedDocument, EmbedState> {
 public:
  explicit EmbedStage(const EmbedOptions& options) : options_(options) {}

  Step step() const override { return Step::kEmbed; }
  std::vector<Result<Outcome>> Process(std::span<const Input> batch, const EmbedState& state) override;

  const EmbedCounts& counts() const { return counts_; }

 private:
  bool UsesCache(const EmbedState& state) const;
  void LookUp(Plan& plan, const EmbedState& state);
  struct Asking;
  void EmbedMisses(Asking& asking);
  void Ask(Asking& asking, std::span<const size_t> rows);
  Status EmbedRows(Plan& plan, const EmbedState& state, std::span<const size_t> rows);
  void Remember(const Plan& plan, const EmbedState& state, std::span<const size_t> rows);
  Result<Outcome> OutcomeOf(const ChunkedDocument& document, const Asking& asking, size_t number);

  EmbedOptions options_;
  EmbedCounts counts_;
  uint32_t failures_in_a_row_ = 0;  // batches that found no model
  bool suspects_ = false;           // the last batch met a failure that may be one text's
  size_t first_asked_ = 0;          // of the texts that are asked for one by one
};

}  // namespace freshet::embed
