// StageStats: what a stage did since this process began, for metrics. Accounts (account.h) are the stored truth.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "common/base/code.h"
#include "common/base/origin.h"

namespace freshet {

#define FRESHET_ONE_MORE(...) +1
inline constexpr size_t kCodes = 0 FRESHET_CODES(FRESHET_ONE_MORE);
#undef FRESHET_ONE_MORE

// Written by the runner's thread, read by any.
struct StageStats {
  struct PerLane {
    std::atomic<uint64_t> received = 0;
    std::atomic<uint64_t> forwarded = 0;
    std::atomic<uint64_t> skipped = 0;
    std::atomic<uint64_t> batches = 0;
  };
  std::array<PerLane, 3> lanes;
  std::atomic<uint64_t> busy_micros = 0;                // in the stage's own code
  std::array<std::atomic<uint64_t>, kCodes> retries{};  // inputs tried again, by Code
  std::atomic<uint64_t> backpressured = 0;              // times that the next hop was full
  std::atomic<bool> circuit_open = false;

  PerLane& of(Lane lane) { return lanes[static_cast<size_t>(lane)]; }
  const PerLane& of(Lane lane) const { return lanes[static_cast<size_t>(lane)]; }
  std::atomic<uint64_t>& retries_of(Code code) { return retries[static_cast<size_t>(code)]; }
  // Received and not yet handed on: done is read first, so it is never less than none.
  uint64_t in_flight(Lane lane) const {
    const uint64_t done = of(lane).forwarded + of(lane).skipped;
    return of(lane).received - done;
  }
};

}  // namespace freshet
