// What a chunker may be told; the defaults fit models of 256 tokens (all-MiniLM-L6-v2). A model of fewer lowers them.
#pragma once

#include <cstdint>

#include "common/base/status.h"

namespace freshet::chunk {

struct ChunkOptions {
  // Tokens of a chunk, context header included, that are aimed at. Longer: fewer vectors, vaguer; shorter: the reverse.
  uint32_t target_tokens = 200;
  // Tokens that no chunk exceeds, context header and the model's own special tokens included: what the model truncates
  // at.
  uint32_t max_tokens = 256;
};

// The options for a model that cuts off at so many tokens (0: it tells of none): where that is less than max_tokens,
// both are lowered, in proportion.
ChunkOptions FitTo(const ChunkOptions& options, size_t model_limit);

// configuration where max_tokens < 64 or target_tokens is not within [max_tokens / 4, max_tokens].
Status Validate(const ChunkOptions& options);

}  // namespace freshet::chunk
