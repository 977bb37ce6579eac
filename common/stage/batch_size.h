// BatchSize: how many inputs a stage takes at once: as many as it is likely to finish within a time, so that what comes
// live never waits longer for a batch of backfill that is under way, on a fast machine as on a slow one.
//
//   BatchSize size(64, 100ms);
//   size.records();                 // 8 at first
//   size.Processed(8, took);        // what the next ones should be: at most twice as many, at least one
//
// A clock that was set meanwhile spoils one batch, not more. One thread.
#pragma once

#include <algorithm>
#include <cstddef>

#include "common/base/clock.h"

namespace freshet {

class BatchSize {
 public:
  BatchSize(size_t most, Duration target) : most_(std::max<size_t>(most, 1)), target_(target) {}

  size_t records() const { return std::min(records_, most_); }

  void Processed(size_t inputs, Duration took) {
    const size_t twice = std::min(2 * records_, most_);
    const auto fits = took.count() > 0 ? static_cast<double>(inputs) * static_cast<double>(target_.count()) /
                                             static_cast<double>(took.count())
                                       : static_cast<double>(twice);
    records_ = fits >= static_cast<double>(twice) ? twice : std::max<size_t>(static_cast<size_t>(fits), 1);
  }

 private:
  static constexpr size_t kFirst = 8;  // of a stage whose speed is not known yet
  size_t most_;
  Duration target_;
  size_t records_ = kFirst;
};

}  // namespace freshet
