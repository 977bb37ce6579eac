// StageStats: what a stage did since this process began, for metrics. Accounts (account.h) are the stored truth.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "common/base/origin.h"

namespace freshet {

// Written by the runner's thread, read by any.
struct StageStats {
  struct PerLane {
    std::atomic<uint64_t> received = 0;
    std::atomic<uint64_t> forwarded = 0;
    std::atomic<uint64_t> skipped = 0;
    std::atomic<uint64_t> batches = 0;
  };
  std::array<PerLane, 3> lanes;
  std::atomic<uint64_t> busy_micros = 0;    // in the stage's own code
  std::atomic<uint64_t> retries = 0;        // inputs tried again
  std::atomic<uint64_t> backpressured = 0;  // times that the next hop was full
  std::atomic<bool> circuit_open = false;

  PerLane& of(Lane lane) { return lanes[static_cast<size_t>(lane)]; }
};

}  // namespace freshet
