// RecallKeeper: asks now and then, of each collection in turn, how much of the exact answer its vector search finds.
//
//   RecallKeeper keeper([&] { return store.CurrentView(); }, metrics, clock);
//   WorkerThread thread(keeper, "recall", on_halt);
//
// Questions are stored vectors (common/store/vector_audit.h); only counts leave it. An audit reads every vector of a
// collection, a few at each step, and the next waits two hundred times as long as its steps took: half a percent of one
// core at most, whatever the collection's size. What cannot be read is not counted; who serves the index meets it too.
// One thread.
#pragma once

#include <functional>
#include <random>

#include "common/base/clock.h"
#include "common/stage/worker.h"
#include "common/store/vector_audit.h"
#include "common/telemetry/metrics.h"

namespace freshet {

class RecallKeeper final : public Worker {
 public:
  struct Options {
    Duration first = std::chrono::minutes(1);   // after the start, which has better things to do
    Duration every = std::chrono::minutes(15);  // at most; longer where a collection is large
    size_t questions = 16;
    size_t vectors_a_step = 512;  // some milliseconds
    uint64_t seed = 1;
  };
  using ViewOf = std::function<std::shared_ptr<const store::View>()>;

  RecallKeeper(ViewOf view, MetricRegistry& metrics, const Clock& clock, Options options)
      : view_of_(std::move(view)),
        metrics_(metrics),
        clock_(clock),
        options_(options),
        due_(clock.Now() + options.first),
        wait_(options.first),
        random_(options.seed) {}

  Result<bool> Step() override;
  Waker& waker() override { return waker_; }

 private:
  void Begin();
  void Finish();
  // At 0 before the first audit, so that the first misses count as a rise.
  void Announce(const std::vector<CollectionName>& collections);

  const ViewOf view_of_;
  MetricRegistry& metrics_;
  const Clock& clock_;
  const Options options_;
  Time due_;
  Duration wait_;  // that led there
  bool announced_ = false;
  std::mt19937_64 random_;
  std::vector<CollectionName> waiting_;        // of this round
  std::shared_ptr<const store::View> view_;    // of the audit
  std::shared_ptr<store::VectorAudit> audit_;  // null: none is under way
  CollectionName collection_;
  Duration busy_{};  // in this round
  Waker waker_;
};

}  // namespace freshet
