// GenerationBuilder: makes what generations of the index lack (common/store/generation_store.h): cuts and embeds the
// clean text that is stored, by the recipe of the generation that lacks it. Where that is of another policy than the
// stored text, de-identification makes one of the original first (recleaner.h).
//
//   GenerationBuilder builder({.recipes = recipes, .keys = keys, .clock = &clock, .index = index, .sink = &waker});
//   sink options: .tend = [&](store::IndexStore& store) { return builder.Tend(store); }
//   workers: {"generations", &builder}
//
// Two threads. The sink's calls Tend: it takes what was made into the store, asks it what else is behind, and runs what
// operators want done (OnWriter). The builder's own does the slow part, a few documents a step. Nothing is stored about
// how far it is: what is behind is known to the store.
//
// A text that cannot be made (document_too_large, ...) is skipped in that generation, by its code. A model that does
// not answer is tried again, with backoff. A code that needs an operator halts this worker; the pipeline goes on.
#pragma once

#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>

#include "common/stage/retry.h"
#include "common/stage/worker.h"
#include "services/chunk/chunk.h"
#include "services/embed/embed.h"
#include "services/index/index.h"

namespace freshet {

struct GenerationRecipe {
  std::string name;
  std::shared_ptr<const model::Embedder> embedder;
  std::shared_ptr<const model::TokenCounter> tokens;
  chunk::ChunkOptions chunk;
};
// "all-MiniLM-L6-v2 200/256"
std::string RecipeName(const model::Embedder& embedder, const chunk::ChunkOptions& chunk);

class GenerationBuilder final : public Worker {
 public:
  struct Parts {
    std::vector<GenerationRecipe> recipes;  // the pipeline's first
    std::vector<std::string> names;         // of what is kept: these, by themselves and for collections with a policy
    // The document's text under another policy, by name; null: there is none beside.
    std::function<Result<std::optional<CleanDocument>>(const Origin&, std::string_view policy)> reclean;
    std::shared_ptr<const KeyRing> keys;
    const Clock* clock = nullptr;
    index::Index* index = nullptr;
    Waker* sink = nullptr;  // woken when something was made
    embed::EmbedOptions embed;
    uint64_t seed = 1;
  };
  // configuration: as chunk::Chunker::Make.
  static Result<std::unique_ptr<GenerationBuilder>> Make(Parts parts);

  // The sink's thread. True where content was taken in.
  Result<bool> Tend(store::IndexStore& store);
  // Any thread.
  bool Makes(const std::string& recipe) const;
  // Any thread but the sink's: runs this on the sink's, between two batches, and waits. timeout: it did not come to it.
  Status OnWriter(const std::function<Status(store::IndexStore&)>& work, Duration patience);

  Result<bool> Step() override;
  Waker& waker() override { return waker_; }

 private:
  struct Maker {
    GenerationRecipe recipe;
    std::unique_ptr<chunk::Chunker> chunker;
    std::unique_ptr<embed::EmbedStage> stage;
  };
  struct Wish {
    std::function<Status(store::IndexStore&)> work;
    std::promise<Status> done;
  };

  explicit GenerationBuilder(Parts parts);
  void RunWishes(store::IndexStore& store);
  Result<bool> TakeIn(store::IndexStore& store);
  Status AskForMore(store::IndexStore& store);
  Maker* MakerOf(const std::string& recipe);
  Result<std::optional<CleanDocument>> CleanOf(const store::BehindDocument& document);
  // As a mutation; nothing where a newer version is on its way. An error that is not for this document alone is one of
  // the call.
  Result<std::optional<store::Mutation>> Made(const store::BehindDocument& document);
  Result<EmbeddedDocument> Embedded(Maker& maker, const Origin& origin, CleanDocument clean);

  const Parts parts_;
  std::vector<Maker> makers_;
  Waker waker_;
  Backoff backoff_;
  Time retry_at_{};                         // the builder's thread
  Time kept_at_{};                          // the sink's thread, as the next
  std::vector<store::Mutation> taking_in_;  // made, not yet in the store

  std::mutex mutex_;  // of what follows
  std::deque<store::BehindDocument> jobs_;
  size_t under_way_ = 0;
  std::vector<store::Mutation> made_;
  std::vector<std::shared_ptr<Wish>> wishes_;
};

}  // namespace freshet
