// Whose backfill stands still: sources share a lane, and one that moves neither hides another's standing nor, by being
// long, makes it look so.
#include "services/index/backfill_watch.h"

#include <gtest/gtest.h>

namespace freshet::index {
namespace {

using namespace std::chrono_literals;
using Input = Envelope<EmbeddedDocument>;

const SourceName kCharts("charts"), kNotes("notes");
constexpr auto kBegin = SnapshotEdge::Side::kBegin, kEnd = SnapshotEdge::Side::kEnd;

class BackfillWatchTest : public ::testing::Test {
 protected:
  // What was captured `ago`, and comes out of the lane now.
  template <class Payload>
  void Took(const SourceName& source, Payload payload, Duration ago = {}, uint32_t partition = 0, uint64_t run = 0) {
    Origin origin{.source = source};
    origin.revision.deid_run = run;
    origin.StampOf(Step::kCaptured) = now_ - ago;
    watch_.Took({Input{std::move(origin), std::move(payload)}, {Stream(2), Partition(partition), Offset(0)}}, now_);
  }
  void Begin(const SourceName& source) { Took(source, SnapshotEdge{kBegin, {}}); }
  // Once a second, as a listing does that finds everything unchanged.
  void Moves(const SourceName& source, Duration how_long, Duration ago = {}) {
    for (Duration passed{}; passed < how_long; passed += 1s) {
      now_ += 1s;
      Took(source, Present{}, ago);
    }
  }
  Duration Still(const SourceName& source) const { return watch_.StoodStill(source, now_); }

  Time now_{1000h};
  BackfillWatch watch_{now_};
};

TEST_F(BackfillWatchTest, OneThatMovesDoesNotHideOneThatStands) {
  Begin(kCharts);
  Begin(kNotes);
  Moves(kNotes, 10min);
  EXPECT_EQ(Still(kCharts), 10min);
  EXPECT_EQ(Still(kNotes), 0s);
  Took(kCharts, Present{});
  EXPECT_EQ(Still(kCharts), 0s);
}

TEST_F(BackfillWatchTest, OneThatNobodyIsBesideIsSeenByOurClock) {
  Begin(kCharts);
  now_ += 4min;
  EXPECT_EQ(Still(kCharts), 4min);
  EXPECT_EQ(BackfillWatch(now_).StoodStill(kCharts, now_ + 2min), 2min) << "also one of whom nothing ever came";
}

TEST_F(BackfillWatchTest, HeartbeatsOfOthersTurnTheClockAndAreNobodysProgress) {
  Begin(kCharts);
  for (int i = 0; i < 300; ++i) {
    now_ += 1s;
    Took(kNotes, Heartbeat{now_});
  }
  EXPECT_EQ(Still(kCharts), 5min);
  EXPECT_EQ(Still(kNotes), 5min);
}

// Ten minutes of others' records, captured within ten seconds, lie between two of its own.
TEST_F(BackfillWatchTest, OneThatWaitsBehindOthersDoesNotStand) {
  Took(kCharts, SnapshotEdge{kBegin, {}}, 30min);
  for (int i = 0; i < 600; ++i) {
    now_ += 1s;
    Took(kNotes, Present{}, 30min + 590s * i / 600);
  }
  EXPECT_LE(Still(kCharts), 11s);
}

TEST_F(BackfillWatchTest, APartitionThatIsBehindIsWaitedFor) {
  for (uint32_t partition : {0u, 1u}) Took(kCharts, SnapshotEdge{kBegin, {}}, 0s, partition);
  Moves(kNotes, 5min);
  EXPECT_EQ(Still(kCharts), 0s) << "its next may lie in the other partition, of which nothing came";
  Took(kNotes, Present{}, 1min, 1);
  EXPECT_EQ(Still(kCharts), 4min);
}

TEST_F(BackfillWatchTest, ASnapshotThatBeginsAgainAndAgainStands) {
  Begin(kCharts);
  for (int i = 0; i < 10; ++i) {
    Moves(kNotes, 1min);
    Begin(kCharts);
  }
  EXPECT_EQ(Still(kCharts), 10min);
  Took(kCharts, SnapshotEdge{kEnd, {}});
  EXPECT_EQ(Still(kCharts), 0s);
  Moves(kNotes, 1min);
  Begin(kCharts);
  EXPECT_EQ(Still(kCharts), 0s) << "the next one";
}

TEST_F(BackfillWatchTest, WhatIsOnlyRunAgainIsNoProgress) {
  Begin(kCharts);
  Moves(kNotes, 5min);
  Took(kCharts, Skipped{Code::kBinaryContent}, 0s, 0, 7);
  EXPECT_EQ(Still(kCharts), 5min);
  Took(kCharts, Skipped{Code::kBinaryContent});
  EXPECT_EQ(Still(kCharts), 0s);
}

TEST_F(BackfillWatchTest, ClocksThatAreWrongWakeNobody) {
  Begin(kCharts);
  Took(kNotes, Present{}, -1h);
  EXPECT_EQ(Still(kCharts), 0s) << "a connector whose clock is ahead";
  now_ += 1s;
  Took(kNotes, Present{});
  Took(kCharts, Present{}, 1h);
  EXPECT_EQ(Still(kCharts), 0s) << "one whose clock is behind";
  Took(SourceName(), Lost{}, 10000h);
  EXPECT_EQ(Still(kCharts), 0s) << "a record that nobody can read";
}

}  // namespace
}  // namespace freshet::index
