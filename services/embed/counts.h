// EmbedCounts: what the embed stage did since it was made, for metrics. Written by its thread, read by any.
#pragma once

#include <atomic>
#include <cstdint>

namespace freshet::embed {

struct EmbedCounts {
  using Count = std::atomic<uint64_t>;

  Count chunks = 0;                // that asked for a vector
  Count duplicates = 0;            // of another chunk in the same batch
  Count cache_hits = 0;            // texts whose vector was remembered
  Count cache_misses = 0;          // that the cache was asked for and did not have
  Count embedded = 0;              // texts that the model gave a vector for
  Count cache_errors = 0;          // look-ups or stores that failed
  Count without_vectors = 0;       // documents that went on without
  std::atomic<bool> away = false;  // the last batch found no model
};

}  // namespace freshet::embed
