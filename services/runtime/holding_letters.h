// HoldingLetters: dead letters of a stage that also puts what was quarantined into quarantine, with its reason and
// risk, before the skip is acknowledged. Internal to runtime. One thread, the stage's own.
#pragma once

#include <functional>

#include "common/stage/dead_letters.h"
#include "services/deid/deid.h"
#include "services/deid/originals.h"
#include "services/deid/quarantine.h"

namespace freshet {

class HoldingLetters final : public DeadLetters {
 public:
  struct Parts {
    DeadLetters& letters;
    deid::Deid& stage;
    deid::Originals& originals;
    deid::Quarantine& quarantine;
    std::function<deid::DeidState()> state;
    const Clock& clock;
  };
  explicit HoldingLetters(Parts parts) : parts_(std::move(parts)) {}

  Status Write(std::span<const SkippedInput> inputs) override;

 private:
  Status Hold(const Origin& origin);

  const Parts parts_;
};

}  // namespace freshet
