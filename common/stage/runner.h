// Runner: everything about a stage that is not its work: lanes, batches, retries, circuit breaking, dead letters,
// stamps, backpressure. Written once for all stages.
//
//   Runner<Chunker> runner(chunker, state, {.clock = &clock, .dead_letters = &letters}, {{Lane::kLive, in, out}, ...});
//   WorkerThread thread(runner, "chunk", on_halt);        // or runner.Step() by hand
//
// Each arrival leaves as exactly one envelope, in the order of arrival within its partition. Heartbeats, edges and
// skips pass through in their places, so a watermark never overtakes a change. A failing input is tried again with
// backoff and holds back what lies behind it in its partition, nothing else. If others succeed meanwhile, in whichever
// lane, it is skipped after `alone_attempts` as retries_exhausted; if nothing succeeds the circuit opens, and the lane
// holds, whatever it takes, until the world is back. A single input that fails while there is no other to tell the two
// apart is given up after `alone_limit`: a watermark never freezes on a bad document. One thread.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "common/stage/batch_size.h"
#include "common/stage/dead_letters.h"
#include "common/stage/hop.h"
#include "common/stage/lanes.h"
#include "common/stage/retry.h"
#include "common/stage/stage.h"
#include "common/stage/stats.h"
#include "common/stage/worker.h"

namespace freshet {

struct RunnerOptions {
  const Clock* clock = nullptr;
  DeadLetters* dead_letters = nullptr;
  Waker* waker = nullptr;                                         // what its hops wake; null: one of its own
  ReceiveLimits batch{.max_records = 64, .max_bytes = 1u << 20};  // at most
  Duration batch_time = std::chrono::milliseconds(100);           // longer is faster, and a longer wait for live
  BackoffOptions backoff;
  unsigned alone_attempts = 4;  // of an input that fails while others succeed
  // Of an input that fails while there is no other. Longer: an outage that only it has met may be over by then.
  Duration alone_limit = std::chrono::minutes(2);
  unsigned breaker_threshold = 3;  // rounds without any success that open the circuit
  uint64_t seed = 1;               // of the jitter
};

template <class StageType>
class Runner final : public Worker {
 public:
  using In = typename StageType::In;
  using Out = typename StageType::Out;
  using State = typename StageType::State;
  struct Connection {
    Lane lane = Lane::kLive;
    Receiver<In>* in = nullptr;
    Sender<Out>* out = nullptr;
  };
  struct Hooks {
    std::function<State()> state;  // asked for before each batch: a consistent view of what the stage may look at
    // Stores what must be durable before a batch is processed (deid's originals); may be empty.
    std::function<Status(std::span<const Arrival<In>>)> before;
    // Stores what the stage made beside its outcomes, before any of these is sent (its offset maps); may be empty.
    std::function<Status()> after;
  };

  Runner(StageType& stage, Hooks hooks, RunnerOptions options, std::vector<Connection> connections);

  Result<bool> Step() override;
  Waker& waker() override { return options_.waker != nullptr ? *options_.waker : waker_; }
  const StageStats& stats() const { return stats_; }

 private:
  struct Slot {
    Arrival<In> arrival;
    std::optional<Envelope<Out>> done;
    bool tried = false;
    unsigned attempts = 0;        // that failed while others succeeded
    uint64_t successes_seen = 0;  // of all lanes, when it was tried last
    std::optional<Time> alone_since;
    bool sent = false;
  };
  struct LaneState {
    Connection connection;
    std::vector<Slot> slots;           // received, not all done
    std::vector<Arrival<Out>> unsent;  // done, not taken by the next hop
    Time hold_until{};                 // the lane itself: receiving, storing or sending failed
    Time retry_at{};                   // the inputs that failed; what comes meanwhile does not wait for them
    bool stored = false;               // hooks.before has been called for the slots
    uint64_t successes_seen = 0;       // of all lanes, when this one was judged last
    Backoff backoff;
    CircuitBreaker breaker;
    BatchSize batch;
  };

  struct Held {
    size_t bytes = 0;
    size_t failing = 0;
  };

  Result<bool> StepLane(LaneState& lane);
  static Held HeldIn(const LaneState& lane);
  Result<bool> TakeBatch(LaneState& lane);
  enum class Which : uint8_t { kNew, kAll };
  Status ProcessSlots(LaneState& lane, Which which);
  void Finish(LaneState& lane, Slot& slot, Result<typename StageType::Outcome> result);
  void Judge(LaneState& lane, std::span<Slot* const> tried, Which which);
  bool GivesUp(Slot& slot, bool is_alone) const;
  Status Send(LaneState& lane);
  // The slots that are done and have no failing one before them in their partition.
  static std::vector<Slot*> Ready(LaneState& lane);
  Status WriteDeadLetters(std::span<Slot* const> slots);
  // Turns a failure into waiting (retry) or into a halt.
  Result<bool> HoldOrHalt(LaneState& lane, const Status& status);

  StageType& stage_;
  const Hooks hooks_;
  const RunnerOptions options_;
  std::vector<LaneState> lanes_;
  LaneWheel wheel_;
  StageStats stats_;
  uint64_t successes_ = 0;  // rounds, in any lane, in which something succeeded
  Waker waker_;
};

}  // namespace freshet

#include "common/stage/runner_impl.h"  // IWYU pragma: keep
