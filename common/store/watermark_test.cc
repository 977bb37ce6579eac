// Heartbeats make watermarks, and none is believed of the future.
#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

using namespace std::chrono_literals;

class Watermark : public ::testing::Test {
 protected:
  void Beat(Time time) { store_.ApplyOnEach(kLiveStream, AdvanceTime{time}); }
  Time Live() {
    EXPECT_TRUE(store_->Refresh().ok());
    return store_->CurrentView()->Times().at(kSource).watermarks.at(kLiveStream);
  }

  TestStore store_{1};
};

TEST_F(Watermark, OnlyMovesOn) {
  Beat(store_.now - 5s);
  Beat(store_.now - 9s);
  EXPECT_EQ(Live(), store_.now - 5s);
}

TEST_F(Watermark, OfTheFutureCountsAsNow) {
  Beat(store_.now + 24h);
  EXPECT_EQ(Live(), store_.now);
  store_.Reopen();
  EXPECT_EQ(Live(), store_.now);
  store_.now += 3s;
  EXPECT_EQ(Live(), store_.now - 3s) << "a dead source behind it grows stale";
}

TEST_F(Watermark, ASourceThatIsAheadByLittleIsBelieved) {
  Beat(store_.now + kWatermarkAhead);
  EXPECT_EQ(Live(), store_.now + kWatermarkAhead);
}

// Our own clock was a day ahead, and somebody set it right.
TEST_F(Watermark, WhatWasStoredOfTheFutureIsTakenBack) {
  const Time before = store_.now;
  store_.now += 24h;
  Beat(store_.now);
  store_.now = before + 1s;
  Beat(store_.now);
  EXPECT_EQ(Live(), store_.now);
}

}  // namespace
}  // namespace freshet::store
