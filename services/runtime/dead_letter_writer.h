// Dead letters as records of the log's dead-letters topic, keyed by where the input lies, and counted once they are
// there. Internal to runtime.
#pragma once

#include "common/stage/dead_letters.h"
#include "common/telemetry/metrics.h"
#include "services/runtime/hops.h"

namespace freshet {

class DeadLetterWriter final : public DeadLetters {
 public:
  DeadLetterWriter(const RuntimeParts& parts, TenantName tenant) : parts_(parts), tenant_(std::move(tenant)) {}

  Status Write(std::span<const SkippedInput> inputs) override;

 private:
  const RuntimeParts& parts_;
  const TenantName tenant_;
};

}  // namespace freshet
