// EmbedLane: embedding as one worker a lane, unlike the other steps: what is live is computed beside a backfill's
// batch, not behind it, which may be long and fills every processor. Internal to runtime.
//
//   EmbedLane lane({.options = options, .embedder = embedder, .cache = cache}, run, {Lane::kLive, in, out});
//   WorkerThread thread(lane.runner(), lane.name(), on_halt);
#pragma once

#include <string>

#include "common/stage/runner.h"
#include "services/embed/embed.h"

namespace freshet {

class EmbedLane {
 public:
  using StageRunner = Runner<embed::EmbedStage>;
  using Connection = StageRunner::Connection;
  struct Parts {
    embed::EmbedOptions options;
    const model::Embedder* embedder = nullptr;
    embed::VectorCache* cache = nullptr;
  };

  EmbedLane(const Parts& parts, RunnerOptions run, Connection connection)
      : is_backfill_(connection.lane == Lane::kBackfill),
        stage_(parts.options),
        runner_(stage_, {.state = [state = StateOf(parts)] { return state; }}, Timed(run), {connection}) {}

  std::string name() const { return is_backfill_ ? "embed-backfill" : "embed"; }
  StageRunner& runner() { return runner_; }
  const embed::EmbedCounts& counts() const { return stage_.counts(); }

 private:
  // It holds up nothing but its like and the end of the process: long enough that what the last texts of a batch leave
  // idle is little.
  static constexpr Duration kBackfillBatch = std::chrono::seconds(1);

  RunnerOptions Timed(RunnerOptions run) const {
    if (is_backfill_) run.batch_time = kBackfillBatch;
    return run;
  }
  embed::EmbedState StateOf(const Parts& parts) const {
    return {.embedder = parts.embedder,
            .cache = parts.cache,
            .priority = is_backfill_ ? model::Priority::kBackground : model::Priority::kLive};
  }

  const bool is_backfill_;
  embed::EmbedStage stage_;
  StageRunner runner_;
};

}  // namespace freshet
