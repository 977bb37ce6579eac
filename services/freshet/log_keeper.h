// LogKeeper: lets the log take what retention and compaction allow to go, now and then. One thread.
#pragma once

#include "common/log/log.h"
#include "common/stage/worker.h"

namespace freshet {

class LogKeeper final : public Worker {
 public:
  LogKeeper(log::Log& log, const Clock& clock, Duration every = std::chrono::seconds(5))
      : log_(log), clock_(clock), every_(every) {}

  Result<bool> Step() override {
    const Time now = clock_.Now();
    if (!IsDue(kept_ + every_, now, every_)) return false;
    kept_ = now;
    const Status status = log_.Maintain();
    // What may pass is tried again next time: nothing waits for it but disk space.
    if (!status.ok() && DispositionOf(status.code()) != Disposition::kRetry) return status;
    return true;
  }
  Waker& waker() override { return waker_; }

 private:
  log::Log& log_;
  const Clock& clock_;
  const Duration every_;
  Time kept_{};
  Waker waker_;
};

}  // namespace freshet
