// The latency history: what a window holds against a plain list of everything added, restarts, power loss, followers.
#include "common/slo/latency_history.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "tests/support/crash_fs.h"

namespace freshet::slo {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const Series kUpdates{SourceName("policies"), "promised/update"};
const Series kInserts{SourceName("policies"), "promised/insert"};
const Series kOthers{SourceName("notes"), "promised/update"};

LatencyCounts Counts(std::vector<Duration> latencies) {
  LatencyCounts counts;
  for (const Duration latency : latencies) counts.Add(latency);
  return counts;
}

class LatencyHistoryTest : public ::testing::Test {
 protected:
  LatencyHistoryTest() { Open(); }
  void Open() {
    history_.reset();
    auto opened = LatencyHistory::Open({.path = "/freshness", .env = disk_.env()});
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    history_ = std::move(*opened);
  }
  void Add(const Series& series, std::vector<Duration> latencies) {
    const Status added = history_->Add(now_, {{series, Counts(std::move(latencies))}});
    ASSERT_TRUE(added.ok()) << added.ToString();
  }
  uint64_t Count(const Series& series, Duration window) { return history_->Over(series, now_, window).count(); }

  test::CrashDisk disk_{1};
  Time now_ = Time(days(20'000) + 8h + 30s);
  std::unique_ptr<LatencyHistory> history_;
};

TEST_F(LatencyHistoryTest, SeriesDoNotMix) {
  Add(kUpdates, {5ms, 7ms});
  Add(kInserts, {9ms});
  EXPECT_EQ(history_->Over(kUpdates, now_, 1h), Counts({5ms, 7ms}));
  EXPECT_EQ(history_->Over(kInserts, now_, 1h), Counts({9ms}));
  EXPECT_TRUE(history_->Over(kOthers, now_, 1h).empty());
}

TEST_F(LatencyHistoryTest, CountsWhatIsWithinALimitToTheMillisecond) {
  Add(kUpdates, {999ms, 1000ms, 1001ms, 5s});
  EXPECT_EQ(history_->TallyOver(kUpdates, now_, 1h, 1s).within, 2u);
  EXPECT_EQ(history_->TallyOver(kUpdates, now_, 1h, 1001ms).within, 3u);
  EXPECT_EQ(history_->TallyOver(kUpdates, now_, 1h, 1s).count, 4u);
}

TEST_F(LatencyHistoryTest, ARestartKeepsEverything) {
  Add(kUpdates, {5ms});
  now_ += days(3);
  Add(kUpdates, {7ms});
  Open();
  EXPECT_EQ(history_->Over(kUpdates, now_, 1min), Counts({7ms}));
  EXPECT_EQ(history_->Over(kUpdates, now_, days(30)), Counts({5ms, 7ms}));
  Add(kUpdates, {9ms});
  EXPECT_EQ(history_->Over(kUpdates, now_, 1min), Counts({7ms, 9ms})) << "goes on in the slots of before";
}

TEST_F(LatencyHistoryTest, PowerLossTakesNothingThatWasSynced) {
  Add(kUpdates, {5ms});
  ASSERT_TRUE(history_->Sync().ok());
  Add(kUpdates, {7ms});
  disk_.Crash();
  Open();
  const uint64_t count = Count(kUpdates, 1h);
  EXPECT_GE(count, 1u);
  EXPECT_LE(count, 2u);
}

TEST_F(LatencyHistoryTest, MinutesAreInOrderAndTheLastIsUnderWay) {
  Add(kUpdates, {5ms});
  now_ += 2min;
  Add(kUpdates, {7ms, 8ms});
  const auto minutes = history_->Minutes(kUpdates, now_, 4);
  ASSERT_EQ(minutes.size(), 4u);
  EXPECT_EQ(minutes[0].count(), 0u);
  EXPECT_EQ(minutes[1], Counts({5ms}));
  EXPECT_EQ(minutes[2].count(), 0u);
  EXPECT_EQ(minutes[3], Counts({7ms, 8ms}));
}

TEST_F(LatencyHistoryTest, WhatLiesAheadDoesNotCount) {
  Add(kUpdates, {5ms});
  now_ -= 2h;
  EXPECT_EQ(Count(kUpdates, 6h), 0u) << "the clock was set back";
  now_ += 2h;
  EXPECT_EQ(Count(kUpdates, 6h), 1u);
}

// The reference is a list of (when, latency). A window must hold all that lies within it, and nothing older than one
// slot (at most a day) before it.
TEST_F(LatencyHistoryTest, AWindowHoldsWhatItMustAndAtMostASlotMore) {
  std::mt19937_64 random(7);
  std::vector<std::pair<Time, Duration>> all;
  const std::pair<Duration, Duration> windows[] = {{1min, 1min},  {1h, 1min},          {6h, 1min},
                                                   {days(3), 1h}, {days(30), days(1)}, {days(90), days(1)}};
  for (int i = 0; i < 400; ++i) {
    const Duration step = std::chrono::seconds(1 << (random() % 18));
    now_ += step;
    const Duration latency = std::chrono::milliseconds(random() % 9'000);
    Add(kUpdates, {latency});
    all.emplace_back(now_, latency);
    if (i % 100 == 99) Open();
    for (const auto& [window, slot] : windows) {
      const auto between = [&](Duration back) {
        return static_cast<uint64_t>(
            std::count_if(all.begin(), all.end(), [&](const auto& row) { return row.first > now_ - back; }));
      };
      const uint64_t count = Count(kUpdates, window);
      EXPECT_GE(count, between(window)) << i << " " << FormatDuration(window);
      EXPECT_LE(count, between(window + slot)) << i << " " << FormatDuration(window);
    }
  }
}

TEST_F(LatencyHistoryTest, OldSlotsGoFromTheDiskToo) {
  for (int day = 0; day < 200; ++day) {
    Add(kUpdates, {5ms});
    now_ += days(1);
  }
  Open();
  EXPECT_LE(Count(kUpdates, days(400)), 92u);
  EXPECT_GE(Count(kUpdates, days(90)), 90u);
}

TEST(LatencyHistoryFollowerTest, SeesWhatTheWriterWritesAlsoAfterItsRestart) {
  const std::string path = std::filesystem::temp_directory_path() / ("history-" + std::to_string(getpid()));
  const Time now(days(20'000));
  const auto follower = LatencyHistory::Follow({.path = path});
  EXPECT_EQ(follower->CatchUp().code(), Code::kNotFound);
  EXPECT_TRUE(follower->Over(kUpdates, now, 1h).empty());
  for (uint64_t life = 1; life <= 2; ++life) {
    auto writer = LatencyHistory::Open({.path = path});
    ASSERT_TRUE(writer.ok()) << writer.status().ToString();
    ASSERT_TRUE((*writer)->Add(now, {{kUpdates, Counts({5ms})}}).ok());
    const Status caught = follower->CatchUp();
    ASSERT_TRUE(caught.ok()) << caught.ToString();
    EXPECT_EQ(follower->Over(kUpdates, now, 1h).count(), life);
  }
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace freshet::slo
