// Dead letters as records of the log's dead-letters topic, keyed by where the input lies. Internal to runtime.
#pragma once

#include "common/stage/dead_letters.h"
#include "services/runtime/hops.h"

namespace freshet {

class DeadLetterWriter final : public DeadLetters {
 public:
  DeadLetterWriter(log::Log& log, const Clock& clock, TenantName tenant)
      : log_(log), clock_(clock), tenant_(std::move(tenant)) {}

  Status Write(std::span<const SkippedInput> inputs) override;

 private:
  log::Log& log_;
  const Clock& clock_;
  const TenantName tenant_;
};

}  // namespace freshet
