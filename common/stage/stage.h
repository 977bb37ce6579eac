// Stage: the one function that each step of the pipeline is.
//
//   class Deid final : public Stage<Upsert, CleanDocument, DeidState> {
//     std::vector<Result<Outcome>> Process(std::span<const Input> batch, const DeidState& state) override;
//   };
//
// A stage maps inputs to their outcomes, one for one and in order. It does no log I/O, no retries, no metrics, keeps no
// state between calls: the runner does all that, and what a stage may look at (roster, cache, policy) comes in as
// State. Batches let embedding fill its matrix. A stage is called from one thread at a time. An error's code decides
// what the runner does (common/base/code.h): retry the input, skip it with a dead letter, or halt.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "common/stage/envelope.h"

namespace freshet {

template <class Out>
struct Forward {
  Out body;
};

template <class InBody, class OutBody, class StateType>
class Stage {
 public:
  using In = InBody;
  using Out = OutBody;
  using State = StateType;
  using Outcome = std::variant<Forward<Out>, Skipped>;
  struct Input {
    const Origin& origin;
    const In& body;
  };

  virtual ~Stage() = default;
  virtual Step step() const = 0;
  virtual std::vector<Result<Outcome>> Process(std::span<const Input> batch, const State& state) = 0;
};

}  // namespace freshet
