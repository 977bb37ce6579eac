#include "common/stage/batch_size.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

using std::chrono::milliseconds;

// What a stage of this cost an input is given after some batches.
size_t Settled(Duration cost, size_t most = 64) {
  BatchSize size(most, milliseconds(100));
  for (int batch = 0; batch < 20; ++batch) {
    size.Processed(size.records(), cost * static_cast<int64_t>(size.records()));
  }
  return size.records();
}

TEST(BatchSizeTest, AQuickStageIsGivenAllThatMayBe) {
  EXPECT_EQ(Settled(Duration(0)), 64u);
  EXPECT_EQ(Settled(std::chrono::microseconds(100)), 64u);
  EXPECT_EQ(Settled(Duration(0), 3), 3u);
}

TEST(BatchSizeTest, ASlowOneWhatFitsIntoTheTime) {
  EXPECT_EQ(Settled(milliseconds(10)), 10u);
  EXPECT_EQ(Settled(milliseconds(60)), 1u);
  EXPECT_EQ(Settled(std::chrono::seconds(5)), 1u);
}

TEST(BatchSizeTest, GrowsByTwoAndShrinksAtOnce) {
  BatchSize size(64, milliseconds(100));
  EXPECT_EQ(size.records(), 8u);
  size.Processed(8, milliseconds(1));
  EXPECT_EQ(size.records(), 16u);
  size.Processed(1, milliseconds(50));
  EXPECT_EQ(size.records(), 2u);
}

TEST(BatchSizeTest, AClockThatWasSetSpoilsOneBatch) {
  BatchSize size(64, milliseconds(100));
  size.Processed(8, -std::chrono::hours(1));
  EXPECT_EQ(size.records(), 16u);
  size.Processed(16, std::chrono::hours(1));
  EXPECT_EQ(size.records(), 1u);
  for (int batch = 0; batch < 6; ++batch) size.Processed(size.records(), milliseconds(1));
  EXPECT_EQ(size.records(), 64u);
}

}  // namespace
}  // namespace freshet
