#include "common/stage/lanes.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

// Serves `rounds` batches while the lanes in `busy` always have work; how many each got.
std::vector<int> Serve(LaneWheel& wheel, std::vector<bool> busy, int rounds) {
  std::vector<int> served(busy.size());
  for (int i = 0; i < rounds; ++i) {
    for (const size_t lane : wheel.Order()) {
      if (!busy[lane]) continue;
      wheel.Served(lane);
      ++served[lane];
      break;
    }
  }
  return served;
}

TEST(LaneWheel, ServesBusyLanesInProportionToTheirWeights) {
  LaneWheel wheel({{Lane::kLive, 8}, {Lane::kBackfill, 1}});
  EXPECT_EQ(Serve(wheel, {true, true}, 900), (std::vector<int>{800, 100}));
}

TEST(LaneWheel, GivesALoneLaneEverything) {
  LaneWheel wheel({{Lane::kLive, 8}, {Lane::kBackfill, 1}});
  EXPECT_EQ(Serve(wheel, {false, true}, 50), (std::vector<int>{0, 50}));
  EXPECT_EQ(Serve(wheel, {true, false}, 50), (std::vector<int>{50, 0}));
}

TEST(LaneWheel, ServesLiveFirstAfterALongBackfill) {
  LaneWheel wheel({{Lane::kLive, 8}, {Lane::kBackfill, 1}});
  Serve(wheel, {false, true}, 1000);
  EXPECT_EQ(wheel.Order().front(), 0u);
}

}  // namespace
}  // namespace freshet
