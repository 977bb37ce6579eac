// What the embed stage may be told.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::embed {

enum class CacheUse : uint8_t {
  kAuto,  // on for models that are worth it (Embedder::worth_caching), off for the hashing embedder
  kOn,
  kOff,
};

struct EmbedOptions {
  CacheUse cache = CacheUse::kAuto;
  // Texts handed to the model at once, sorted by length so that little is padding. More: fuller matrices, more memory.
  size_t batch_texts = 64;
  // After this many failed calls in a row for a model that may come back, documents go on without vectors (lexical
  // results and a warning) instead of being retried. 0: never, they are retried.
  uint32_t forward_without_vectors_after = 0;
};

}  // namespace freshet::embed
