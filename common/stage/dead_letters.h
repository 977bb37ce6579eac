// Where a skipped input lies and why it was skipped, written before the skip is acknowledged.
#pragma once

#include <span>

#include "common/stage/envelope.h"

namespace freshet {

struct SkippedInput {
  const Origin& origin;
  Position position;
  Skipped skipped;
};

// Any thread.
class DeadLetters {
 public:
  virtual ~DeadLetters() = default;
  // Durable when it returns ok. Retry codes as the log's.
  virtual Status Write(std::span<const SkippedInput> inputs) = 0;
};

}  // namespace freshet
