// Sink: feeds the index: urgent changes first, then live, then backfill, each batch one write; decides when new content
// becomes visible, and measures how long it took from the commit in the source until a query finds it.
//
//   Sink sink(index, {.urgent = urgent, .groups = groups, .live = live, .backfill = backfill}, options);
//   WorkerThread thread(sink, "index", on_halt);
//
// Deletes and narrowed access show with the write itself; content shows with the next refresh: at once while there is
// nothing else to do, at most `live_refresh` later behind live edits, `backfill_refresh` later in a bulk load. A write
// that fails is tried again with backoff, and everything waits for it. One thread.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "common/stage/batch_size.h"
#include "common/stage/dead_letters.h"
#include "common/stage/hop.h"
#include "common/stage/lanes.h"
#include "common/stage/retry.h"
#include "common/stage/worker.h"
#include "common/telemetry/metrics.h"
#include "services/index/backfill_watch.h"
#include "services/index/index.h"

namespace freshet::index {

struct SinkInputs {
  Receiver<UrgentChange>* urgent = nullptr;
  Receiver<UrgentChange>* groups = nullptr;
  Receiver<EmbeddedDocument>* live = nullptr;
  Receiver<EmbeddedDocument>* backfill = nullptr;
};

struct SinkOptions {
  const Clock* clock = nullptr;
  MetricRegistry* metrics = nullptr;
  DeadLetters* dead_letters = nullptr;                             // null: none are written
  Waker* waker = nullptr;                                          // what its inputs wake; null: one of its own
  ReceiveLimits batch{.max_records = 256, .max_bytes = 4u << 20};  // at most
  Duration batch_time = std::chrono::milliseconds(20);   // of a write: what an urgent change waits for, at most
  Duration live_refresh = std::chrono::milliseconds(5);  // shorter: fresher under load, more index segments
  Duration backfill_refresh = std::chrono::milliseconds(200);
  Duration maintain_every = std::chrono::seconds(1);
  // A last look at content before it is taken in; another code than ok withholds it, as skipped by this step. Empty:
  // none.
  std::function<Code(const Origin&, const CleanDocument&)> look;
  // Work on the store between two batches, on this thread; true where it changed what may be found. Empty: none.
  std::function<Result<bool>(store::IndexStore&)> tend;
  // Told of each change that has taken effect in queries, and when: content that shows, a delete or an access list that
  // holds. May be empty.
  std::function<void(const Origin&, store::Operation, Time)> on_effect;
  // Told what survives power loss, so that the log may let go of what lies before.
  std::function<void(store::IndexStore&)> on_maintained;
  uint64_t seed = 1;  // of the jitter
};

class Sink final : public Worker {
 public:
  Sink(Index& index, SinkInputs inputs, SinkOptions options);

  Result<bool> Step() override;
  Waker& waker() override { return options_.waker != nullptr ? *options_.waker : waker_; }
  // Any thread.
  const BackfillWatch& backfills() const { return backfills_; }

 private:
  // Content that is written and not yet visible; an urgent change that is.
  struct Awaited {
    Origin origin;
    store::Operation operation;
    bool promised;  // to be in time
  };

  Status Gather();
  Status WriteDeadLetters();
  void LookAtContent(size_t first);
  Status Apply();
  void Note(const SinkInput& input, const store::Applied& applied, Time now);
  void NoteHeartbeat(const SinkInput& input, Time now);
  void NoteSkip(const SinkInput& input);
  void Measure(const Awaited& change, Time now);
  void MeasureSteps(const Origin& origin, Time now);
  bool RefreshIsDue(bool idle) const;
  Result<bool> Tend();
  Status Refresh();
  Status MaintainIfDue();
  Result<bool> HoldOrHalt(const Status& status);

  Index& index_;
  const SinkInputs inputs_;
  const SinkOptions options_;
  LaneWheel wheel_;
  Backoff backoff_;
  std::vector<SinkInput> batch_;  // gathered, not yet applied
  bool letters_written_ = false;  // of the batch
  Lane batch_lane_ = Lane::kLive;
  BatchSize batch_size_;
  bool was_urgent_ = false;  // the last batch held nothing but what is urgent
  std::vector<Awaited> awaited_;
  bool dirty_live_ = false;
  bool dirty_backfill_ = false;
  Time refreshed_{};
  Time maintained_{};
  Time retry_at_{};
  std::map<SourceName, Time> warned_;  // that its clock is ahead
  BackfillWatch backfills_;
  Waker waker_;
};

std::string_view NameOf(store::Operation operation);  // "insert", "update", "delete", "access", "none"

}  // namespace freshet::index
