// SloKeeper: brings the book of SLOs up to date every second, and to disk every minute. One thread.
//
// A history that cannot be written stops nothing: what was counted meanwhile is written once it can be.
#pragma once

#include "common/slo/slo_book.h"
#include "common/stage/worker.h"
#include "common/telemetry/log.h"

namespace freshet {

class SloKeeper final : public Worker {
 public:
  SloKeeper(slo::SloBook& book, const Clock& clock) : book_(book), clock_(clock) {}

  Result<bool> Step() override {
    const Time now = clock_.Now();
    if (!IsDue(rolled_ + kRollEvery, now, kRollEvery)) return false;
    rolled_ = now;
    Say(book_.Roll());
    if (!IsDue(synced_ + kSyncEvery, now, kSyncEvery)) return true;
    synced_ = now;
    Say(book_.Sync());
    return true;
  }
  Waker& waker() override { return waker_; }

 private:
  static constexpr Duration kRollEvery = std::chrono::seconds(1);
  static constexpr Duration kSyncEvery = std::chrono::minutes(1);

  static void Say(const Status& status) {
    if (!status.ok()) Log(LogLevel::kWarning, "Latency history not written.", {{"error", status}});
  }

  slo::SloBook& book_;
  const Clock& clock_;
  Time rolled_{};
  Time synced_{};
  Waker waker_;
};

}  // namespace freshet
