// LaneWheel: which lane to serve next, so that backfill never starves and live never queues behind it.
//
//   LaneWheel wheel({{Lane::kLive, 8}, {Lane::kBackfill, 1}});
//   for (size_t lane : wheel.Order()) if (Serve(lane)) { wheel.Served(lane); break; }
//
// While several lanes have work each is served in proportion to its weight, the first named first; a lane that is alone
// is served all the time. One thread.
#pragma once

#include <vector>

#include "common/base/origin.h"

namespace freshet {

struct LaneWeight {
  Lane lane = Lane::kLive;
  unsigned weight = 1;  // batches in a turn
};

inline constexpr LaneWeight kContentLanes[] = {{Lane::kLive, 8}, {Lane::kBackfill, 1}};

class LaneWheel {
 public:
  explicit LaneWheel(std::vector<LaneWeight> weights);

  // Lanes by index: those with credit first, in the order named, then the others.
  std::vector<size_t> Order() const;
  // A batch of this lane was served. When no lane that has credit had work, a new turn begins.
  void Served(size_t lane);

 private:
  std::vector<LaneWeight> weights_;
  std::vector<unsigned> credit_;
};

}  // namespace freshet
