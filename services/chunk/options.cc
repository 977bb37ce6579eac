#include "services/chunk/options.h"

#include <string>

namespace freshet::chunk {

ChunkOptions FitTo(const ChunkOptions& options, size_t model_limit) {
  if (model_limit == 0 || model_limit >= options.max_tokens) return options;
  const auto limit = static_cast<uint32_t>(model_limit);
  const uint64_t target = uint64_t{options.target_tokens} * limit / std::max(1u, options.max_tokens);
  return {.target_tokens = static_cast<uint32_t>(target), .max_tokens = limit};
}

Status Validate(const ChunkOptions& options) {
  constexpr uint32_t kLeast = 64;
  if (options.max_tokens < kLeast) {
    return Status(Code::kConfiguration, "chunk.max_tokens is " + std::to_string(options.max_tokens) +
                                            "; it must be at least " + std::to_string(kLeast));
  }
  if (options.target_tokens < options.max_tokens / 4 || options.target_tokens > options.max_tokens) {
    return Status(Code::kConfiguration, "chunk.target_tokens is " + std::to_string(options.target_tokens) +
                                            "; it must lie between a quarter of chunk.max_tokens and all of it");
  }
  return OkStatus();
}

}  // namespace freshet::chunk
