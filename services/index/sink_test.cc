// The sink: what is taken in first, when it shows, what is stored with it, what is measured, and what happens when a
// write or a read fails.
#include <gmock/gmock.h>

#include "services/index/testing/sink_site.h"

namespace freshet::index {
namespace {

TEST_F(SinkTest, ProgressIsStoredWithTheEffect) {
  Allow({Principal("user:ada")});
  for (int i = 0; i < 6; ++i) Put(live_, {.id = "d" + std::to_string(i), .text = "floor\n"});
  EXPECT_TRUE(Step());
  EXPECT_EQ(Next(kUrgent), 1u);
  EXPECT_EQ(Next(kLive), 0u) << "what is urgent is a write of its own";
  EXPECT_TRUE(Step());
  EXPECT_EQ(Next(kLive), 4u) << "a batch is at most as large as its limits";
  EXPECT_TRUE(Step());
  EXPECT_EQ(Next(kLive), 6u);
  EXPECT_FALSE(Step());
  EXPECT_EQ(Found(), "d0@1 d1@1 d2@1 d3@1 d4@1 d5@1");
  EXPECT_EQ(AccountOf(kLive).outcomes, (std::map<store::Outcome, uint64_t>{{store::Outcome::kIndexed, 6}}));
}

TEST_F(SinkTest, ReplaysChangeNothingAndAreCountedOnce) {
  Allow({Principal("user:ada")});
  Put(live_, {.id = "a", .version = 1, .text = "floor one\n"});
  Put(live_, {.id = "a", .version = 2, .text = "floor two\n"});
  Urgent(Delete{}, "b", 9);
  Put(live_, {.id = "b", .version = 8, .text = "floor\n"});
  Drain();
  const std::string before = Found();
  EXPECT_EQ(before, "a@2");
  const auto accounts = AccountOf(kLive).outcomes;
  for (int round = 0; round < 2; ++round) {
    for (const auto& arrival : std::vector(live_.given)) live_.Again(arrival);
    for (const auto& arrival : std::vector(urgent_.given)) urgent_.Again(arrival);
    Drain();
    EXPECT_EQ(Found(), before);
    EXPECT_EQ(Next(kLive), 3u);
    EXPECT_EQ(Next(kUrgent), 2u);
    EXPECT_EQ(AccountOf(kLive).outcomes, accounts);
  }
  EXPECT_EQ(Latency("insert").count() + Latency("update").count(), 2u) << "a replay is no news";
}

TEST_F(SinkTest, LostRecordsAreAccountedForByCode) {
  Put(live_, {.id = "a", .text = "floor\n"});
  live_.Add({SourceOrigin("files", "policies", 0), Lost{Code::kExpired, 5, Step::kDeid}});
  live_.Skip(4);
  live_.Add({SourceOrigin("", "", 0), Lost{Code::kCorruptRecord, 1, Step::kIndex}});
  Drain();
  EXPECT_EQ(Next(kLive), 7u);
  const store::Account account = AccountOf(kLive);
  EXPECT_EQ(account.skipped.at({Step::kDeid, Code::kExpired}), 5u);
  EXPECT_EQ(account.skipped.at({Step::kIndex, Code::kCorruptRecord}), 1u);
  uint64_t sum = account.absent;
  for (const auto& [outcome, count] : account.outcomes) sum += count;
  EXPECT_EQ(sum, account.next.value - account.first.value);
}

TEST_F(SinkTest, SkipsAndQuarantineAreCountedByWhoSkipped) {
  Origin origin = SourceOrigin("files", "policies", 1);
  origin.document = DocumentId("a");
  live_.Add({origin, Skipped{Code::kBinaryContent, Step::kDeid}});
  origin.document = DocumentId("b");
  live_.Add({origin, Skipped{Code::kQuarantined, Step::kDeid}});
  Drain();
  const store::Account account = AccountOf(kLive);
  EXPECT_EQ(account.outcomes,
            (std::map<store::Outcome, uint64_t>{{store::Outcome::kSkipped, 1}, {store::Outcome::kQuarantined, 1}}));
  EXPECT_EQ(account.skipped.at({Step::kDeid, Code::kQuarantined}), 1u);
}

TEST_F(SinkTest, SkipsAreEventsOfTheSourcesPromiseOnceAndNotInABackfill) {
  const auto skips = [&] { return metrics_.CounterOf<Metric::kPromisedSkips>("files").value(); };
  Origin origin = SourceOrigin("files", "policies", 1);
  origin.document = DocumentId("a");
  live_.Add({origin, Skipped{Code::kBinaryContent, Step::kDeid}});
  Drain();
  EXPECT_EQ(skips(), 1u);
  live_.Again(live_.given[0]);
  Drain();
  EXPECT_EQ(skips(), 1u) << "a replay is no news";
  live_.Add({SourceOrigin("files", "policies", 0), Lost{Code::kExpired, 5, Step::kDeid}});
  live_.Skip(4);
  Drain();
  EXPECT_EQ(skips(), 6u) << "each record that retention took";
  origin.document = DocumentId("b");
  backfill_.Add({origin, Skipped{Code::kBinaryContent, Step::kDeid}});
  Drain();
  EXPECT_EQ(skips(), 6u);
}

TEST_F(SinkTest, BackfillsAreMeasuredButPromiseNothing) {
  Put(backfill_, {.id = "a", .text = "floor\n"});
  Put(live_, {.id = "b", .text = "floor\n"});
  Drain();
  EXPECT_EQ(Latency("insert").count(), 2u);
  EXPECT_EQ(metrics_.HistogramOf<Metric::kPromised>("files", "insert").Snapshot().count(), 1u);
}

TEST_F(SinkTest, ABackfillThatStandsIsToldFromOneThatMovesAndFromLiveEdits) {
  const auto still = [&](const char* source) {
    return sink_->backfills().StoodStill(SourceName(source), clock_.Now());
  };
  for (const char* source : {"files", "notes"}) {
    Origin origin = SourceOrigin(source, "policies", 1);
    origin.StampOf(Step::kCaptured) = clock_.Now();
    backfill_.Add({origin, SnapshotEdge{SnapshotEdge::Side::kBegin, {1, 1}}});
  }
  Drain();
  clock_.Advance(5min);
  Put(live_, {.id = "a", .text = "floor\n"});
  Origin origin = SourceOrigin("notes", "policies", 2);
  origin.document = DocumentId("n");
  origin.StampOf(Step::kCaptured) = clock_.Now();
  backfill_.Add({origin, Present{}});
  Drain();
  EXPECT_GE(still("files"), 5min);
  EXPECT_LT(still("notes"), 1s);
}

TEST_F(SinkTest, HeartbeatsBecomeWatermarks) {
  Put(live_, {.id = "a", .text = "floor\n"});
  const Time until = clock_.Now() - 1s;
  live_.Add({SourceOrigin("files", "", 0), Heartbeat{until}});
  urgent_.Add({SourceOrigin("files", "", 0), Heartbeat{until + 100ms}});
  Drain();
  const auto times = index_->store().CurrentView()->Times();
  EXPECT_EQ(times.at(SourceName("files")).watermarks,
            (std::map<Stream, Time>{{kLive, until}, {kUrgent, until + 100ms}}));
  live_.Add({SourceOrigin("files", "", 0), Heartbeat{until - 1h}});
  Drain();
  EXPECT_EQ(index_->store().CurrentView()->Times().at(SourceName("files")).watermarks.at(kLive), until)
      << "time does not go back";
}

TEST_F(SinkTest, UrgentChangesShowWithTheWriteAndNeverWaitForABacklog) {
  Allow({Principal("user:ada")});
  Put(live_, {.id = "a", .text = "floor\n"});
  Put(live_, {.id = "b", .text = "floor\n"});
  Drain();
  for (int i = 0; i < 100; ++i) Put(backfill_, {.id = "x" + std::to_string(i), .text = "wall\n"});
  Urgent(Delete{}, "a", 2);
  EXPECT_TRUE(Step());
  EXPECT_EQ(Found(), "b@1");
  Allow({}, 2);
  EXPECT_TRUE(Step());
  EXPECT_EQ(Found(), "");
  EXPECT_LE(Next(kBackfill), 8u) << "one batch each at most";
}

TEST_F(SinkTest, GroupsAreTakenInWithTheUrgentOnes) {
  Allow({Principal("group:nurses")});
  Put(live_, {.id = "a", .text = "floor\n"});
  groups_.Add({SourceOrigin("files", "policies", 1), GroupChange{Principal("group:nurses"), {Principal("user:ada")}}});
  Drain();
  EXPECT_EQ(Found(), "a@1");
  EXPECT_EQ(Next(kGroups), 1u);
}

TEST_F(SinkTest, LiveContentShowsAtOnceWhenThereIsNothingElseToDo) {
  Allow({Principal("user:ada")});
  Drain();
  Put(live_, {.id = "a", .text = "floor\n"});
  clock_.Advance(1ms);
  EXPECT_TRUE(Step());
  EXPECT_FALSE(Step());
  EXPECT_EQ(Found(), "a@1");
}

TEST_F(SinkTest, AStreamOfUrgentChangesDoesNotStarveContent) {
  Put(live_, {.id = "a", .text = "floor\n"});
  for (uint64_t version = 1; version < 4; ++version) {
    Urgent(Delete{}, "other", version);
    EXPECT_TRUE(Step());
  }
  EXPECT_EQ(Next(kLive), 1u);
}

TEST_F(SinkTest, UnderLoadContentShowsAfterItsLanesInterval) {
  ShowFirst();
  for (int i = 0; i < 60; ++i) Put(backfill_, {.id = "x" + std::to_string(i), .text = "floor\n"});
  EXPECT_TRUE(Step());
  clock_.Advance(150ms);
  EXPECT_TRUE(Step());
  EXPECT_EQ(Found(), "first@1") << "a bulk load makes few index segments";
  clock_.Advance(60ms);
  EXPECT_TRUE(Step());
  EXPECT_NE(Found(), "first@1");
  const std::string shown = Found();
  for (int i = 0; i < 20; ++i) Put(live_, {.id = "y" + std::to_string(i), .text = "floor\n"});
  clock_.Advance(6ms);
  EXPECT_TRUE(Step());
  EXPECT_GT(Found().size(), shown.size()) << "live edits do not wait as long";
}

TEST_F(SinkTest, BackfillIsServedBesideLiveInItsShare) {
  for (int i = 0; i < 100; ++i) Put(live_, {.id = "y" + std::to_string(i), .text = "floor\n"});
  for (int i = 0; i < 100; ++i) Put(backfill_, {.id = "x" + std::to_string(i), .text = "floor\n"});
  for (int i = 0; i < 18; ++i) EXPECT_TRUE(Step());
  EXPECT_EQ(Next(kLive), 64u);
  EXPECT_EQ(Next(kBackfill), 8u);
}

TEST_F(SinkTest, MeasuresFromTheCommitUntilAQueryFindsIt) {
  ShowFirst();
  TestDocument document{.id = "a", .text = "floor\n", .committed = clock_.Now() - 100ms};
  Put(live_, document);
  EXPECT_TRUE(Step());
  EXPECT_EQ(Latency("insert").count(), 1u) << "written is not found: only the first is";
  clock_.Advance(50ms);
  Step();
  EXPECT_EQ(Latency("insert").count(), 2u);
  EXPECT_NEAR(ToMillis(*Latency("insert").Quantile(1)), 150, 10);
  document.version = 2;
  document.text = "floor again\n";
  document.committed = clock_.Now() + 1h;  // a source whose clock is ahead
  Put(live_, document);
  Drain();
  EXPECT_EQ(Latency("update").count(), 1u);
  EXPECT_EQ(metrics_.CounterOf<Metric::kClockSkew>("files").value(), 1u);
  const LatencyCounts ahead = metrics_.HistogramOf<Metric::kClockAhead>("files").Snapshot();
  ASSERT_EQ(ahead.count(), 1u) << "of the one change that came from ahead";
  EXPECT_NEAR(ToMillis(*ahead.Quantile(1)), 3'600'000, 36'000);
  Urgent(Delete{}, "a", 3);
  clock_.Advance(7ms);
  EXPECT_TRUE(Step());
  EXPECT_EQ(Latency("delete").count(), 1u) << "a delete shows with the write";
  EXPECT_NEAR(ToMillis(*Latency("delete").Quantile(0.5)), 7, 1);
  EXPECT_EQ(Latency("access").count(), 1u);
}

TEST_F(SinkTest, AReadThatFailsIsTriedAgainLaterAndLosesNothing) {
  Allow({Principal("user:ada")});
  Put(live_, {.id = "a", .text = "floor\n"});
  urgent_.fails = Status(Code::kLogUnavailable, "the log gives no records now");
  EXPECT_FALSE(Step());
  urgent_.fails = OkStatus();
  EXPECT_FALSE(Step()) << "held back for a while";
  EXPECT_EQ(Next(kLive), 0u);
  clock_.Advance(10ms);
  Drain();
  EXPECT_EQ(Found(), "a@1");
}

// What the lanes before the failing one gave is not forgotten with it.
TEST_F(SinkTest, WhatWasTakenBeforeAReadFailedIsKept) {
  Allow({Principal("user:ada")});
  groups_.fails = Status(Code::kLogUnavailable, "the log gives no records now");
  EXPECT_FALSE(Step());
  groups_.fails = OkStatus();
  clock_.Advance(10ms);
  Put(live_, {.id = "a", .text = "floor\n"});
  Drain();
  EXPECT_EQ(Next(kUrgent), 1u);
  EXPECT_EQ(Found(), "a@1");
}

TEST_F(SinkTest, ACodeThatNeedsAnOperatorHaltsIt) {
  live_.fails = Status(Code::kKeyMissing, "a record names a key that is not there");
  EXPECT_EQ(sink_->Step().code(), Code::kKeyMissing);
}

// DESIGN §4.4: progress and effect are lost together, and delivered again from the progress that is left.
TEST_F(SinkTest, LossOfPowerTakesEffectAndProgressTogether) {
  Allow({Principal("user:ada")});
  Put(live_, {.id = "a", .version = 1, .text = "floor\n"});
  Drain();
  clock_.Advance(2s);
  Step();
  EXPECT_EQ(maintained_, 2) << "at the first step, and a second later";
  EXPECT_EQ(index_->store().DurableOffset(kLive, Partition(0)), Offset(1));
  Put(live_, {.id = "a", .version = 2, .text = "floor\n"});
  Drain();
  EXPECT_EQ(Found(), "a@2");
  disk_.Crash();
  sink_.reset();
  index_.reset();
  Open();
  EXPECT_EQ(Found(), "a@" + std::to_string(Next(kLive)));
  const uint64_t next = Next(kLive);
  for (const auto& arrival : std::vector(live_.given)) {
    if (arrival.position.offset.value >= next) live_.Again(arrival);
  }
  Drain();
  EXPECT_EQ(Found(), "a@2");
  EXPECT_EQ(Next(kLive), 2u);
}

TEST(Sink, OperationsHaveTheNamesOfTheContract) {
  EXPECT_EQ(NameOf(store::Operation::kInsert), "insert");
  EXPECT_EQ(NameOf(store::Operation::kUpdate), "update");
  EXPECT_EQ(NameOf(store::Operation::kDelete), "delete");
  EXPECT_EQ(NameOf(store::Operation::kAccess), "access");
  EXPECT_EQ(NameOf(store::Operation::kNone), "none");
}

TEST_F(SinkTest, AClockThatIsSetBackStallsNoRetry) {
  ShowFirst();
  live_.fails = Status(Code::kLogUnavailable);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(Step());
    clock_.Advance(1s);
  }
  EXPECT_FALSE(Step());
  live_.fails = OkStatus();
  clock_.Advance(-1h);
  Put(live_, {.id = "second", .text = "floor\n"});
  EXPECT_TRUE(Step());
}

// DESIGN §13: a watermark never says more than anybody can know.
TEST_F(SinkTest, AHeartbeatFromTheFutureIsCountedAndNotBelieved) {
  Origin origin = SourceOrigin("files", "policies", 0);
  live_.Add({origin, Heartbeat{clock_.Now() + 24h}});
  const Time now = clock_.Now();
  Drain();
  EXPECT_LE(index_->store().CurrentView()->Times().at(SourceName("files")).watermarks.at(kLive), now);
  EXPECT_EQ(metrics_.CounterOf<Metric::kClockSkew>("files").value(), 1u);
  live_.Add({origin, Heartbeat{clock_.Now()}});
  Drain();
  EXPECT_EQ(metrics_.CounterOf<Metric::kClockSkew>("files").value(), 1u);
}

}  // namespace
}  // namespace freshet::index
