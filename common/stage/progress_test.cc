// Progress of a group over the embedded log: what is committed, by whom, and what a rebalance takes away.
#include "common/stage/progress.h"

#include <gtest/gtest.h>

#include "common/log/embedded_log.h"
#include "tests/support/crash_fs.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

struct Body {};
constexpr Stream kStream(1);

// A log whose group coordinator does not answer for a while.
class DeafLog final : public log::Log {
 public:
  explicit DeafLog(log::Log& log) : log_(log) {}
  Result<log::Progress> Committed(const std::string& group, const log::TopicPartition& partition) override {
    if (deaf) return Status(Code::kLogUnavailable);
    return log_.Committed(group, partition);
  }
  Status CreateTopics(std::span<const log::TopicSpec> specs) override { return log_.CreateTopics(specs); }
  Result<std::vector<Offset>> Append(std::span<const log::NewRecord> records) override { return log_.Append(records); }
  Result<log::OffsetRange> Range(const log::TopicPartition& partition) override { return log_.Range(partition); }
  Result<std::unique_ptr<log::Consumer>> Subscribe(const std::string& group, std::vector<std::string> topics,
                                                   Waker* waker) override {
    return log_.Subscribe(group, std::move(topics), waker);
  }
  Result<std::unique_ptr<log::Consumer>> Assign(std::vector<std::pair<log::TopicPartition, Offset>> starts,
                                                Waker* waker) override {
    return log_.Assign(std::move(starts), waker);
  }
  Status Maintain() override { return log_.Maintain(); }

  bool deaf = false;

 private:
  log::Log& log_;
};

class GroupProgressTest : public testing::Test {
 protected:
  GroupProgressTest() {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
    EXPECT_TRUE(log_->CreateTopics({{log::TopicSpec{.name = "t", .partitions = 2}}}).ok());
    for (uint32_t partition = 0; partition < 2; ++partition) {
      for (int i = 0; i < 3; ++i) {
        const log::NewRecord record{"t", Partition(partition), "k", "v"};
        EXPECT_TRUE(log_->Append({&record, 1}).ok());
      }
    }
  }

  std::shared_ptr<log::Consumer> Join() { return std::move(*log_->Subscribe("g", {"t"}, nullptr)); }
  GroupProgress ProgressOf(std::shared_ptr<log::Consumer> consumer) {
    return GroupProgress(*log_, std::move(consumer), clock_, {.group = "g", .topics = {{kStream, "t"}}});
  }
  // As `consumer` reads it now.
  static Arrival<Body> At(uint32_t partition, uint64_t offset, const log::Consumer& consumer) {
    return {.envelope = {.payload = Body{}},
            .position = {kStream, Partition(partition), Offset(offset)},
            .tenure = consumer.Tenure({"t", Partition(partition)})};
  }
  StageAccount AccountOf(uint32_t partition) {
    return StageAccount::Decode(log_->Committed("g", {"t", Partition(partition)})->metadata).value_or(StageAccount{});
  }
  uint64_t Committed(uint32_t partition) { return log_->Committed("g", {"t", Partition(partition)})->next.value; }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(1'000'000s)};
  std::unique_ptr<log::Log> log_;
};

TEST_F(GroupProgressTest, CommitsWhatIsSettledInItsTime) {
  const auto consumer = Join();
  ASSERT_EQ(consumer->Poll({})->records.size(), 6u);
  GroupProgress progress = ProgressOf(consumer);
  progress.Settle(At(0, 0, *consumer));
  ASSERT_TRUE(progress.CommitIfDue().ok());
  EXPECT_EQ(Committed(0), 1u);
  progress.Settle(At(0, 1, *consumer));
  ASSERT_TRUE(progress.CommitIfDue().ok());
  EXPECT_EQ(Committed(0), 1u) << "not due yet";
  clock_.Advance(100ms);
  ASSERT_TRUE(progress.CommitIfDue().ok());
  EXPECT_EQ(Committed(0), 2u);
  progress.Settle(At(1, 0, *consumer));
  clock_.Advance(-1h);
  ASSERT_TRUE(progress.CommitIfDue().ok());
  EXPECT_EQ(Committed(1), 1u) << "a clock that was set back holds nothing up";
}

TEST_F(GroupProgressTest, TheAccountGoesOnAfterARestart) {
  {
    const auto consumer = Join();
    ASSERT_TRUE(consumer->Poll({}).ok());
    GroupProgress progress = ProgressOf(consumer);
    progress.Settle(At(0, 0, *consumer));
    ASSERT_TRUE(progress.Commit().ok());
  }
  const auto consumer = Join();
  ASSERT_TRUE(consumer->Poll({}).ok());
  GroupProgress progress = ProgressOf(consumer);
  progress.Settle(At(0, 1, *consumer));
  ASSERT_TRUE(progress.Commit().ok());
  const auto accounts = progress.Accounts();
  const auto& [next, account] = accounts.at({kStream, Partition(0)});
  EXPECT_EQ(next, Offset(2));
  EXPECT_EQ(StageAccount::Decode(log_->Committed("g", {"t", Partition(0)})->metadata)->Encode(), account.Encode());
}

// A member that lost a partition goes on committing the others.
TEST_F(GroupProgressTest, ARebalanceTakesRowsAndPoisonsNothing) {
  const auto first = Join();
  ASSERT_EQ(first->Poll({})->records.size(), 6u);
  GroupProgress progress = ProgressOf(first);
  progress.Settle(At(0, 0, *first));
  progress.Settle(At(1, 0, *first));
  const auto second = Join();
  ASSERT_TRUE(second->Poll({}).ok());
  ASSERT_TRUE(first->Poll({}).ok());
  ASSERT_EQ(first->Assignment().size(), 1u);
  const uint32_t mine = first->Assignment().front().partition.value;
  ASSERT_TRUE(progress.Commit().ok());
  EXPECT_EQ(Committed(mine), 1u);
  EXPECT_EQ(Committed(1 - mine), 0u) << "the other member does it again";
  progress.Settle(At(mine, 1, *first));
  ASSERT_TRUE(progress.Commit().ok());
  EXPECT_EQ(Committed(mine), 2u);
}

// What the group had counted before is not forgotten because the log did not answer when it was asked.
TEST_F(GroupProgressTest, AnAccountSurvivesALogThatDoesNotAnswer) {
  {
    const auto consumer = Join();
    ASSERT_TRUE(consumer->Poll({}).ok());
    GroupProgress progress = ProgressOf(consumer);
    progress.Settle(At(0, 0, *consumer));
    ASSERT_TRUE(progress.Commit().ok());
  }
  DeafLog log(*log_);
  const auto consumer = Join();
  ASSERT_TRUE(consumer->Poll({}).ok());
  GroupProgress progress(log, consumer, clock_, {.group = "g", .topics = {{kStream, "t"}}});
  log.deaf = true;
  progress.Settle(At(0, 1, *consumer));
  EXPECT_EQ(progress.Commit().code(), Code::kLogUnavailable);
  progress.Settle(At(0, 2, *consumer));
  log.deaf = false;
  ASSERT_TRUE(progress.Commit().ok());
  EXPECT_EQ(Committed(0), 3u);
  EXPECT_EQ(StageAccount::Decode(log_->Committed("g", {"t", Partition(0)})->metadata)->total(), 3u);
}

// Offsets that hold no record are passed; what was counted before them still counts.
TEST_F(GroupProgressTest, AGapInTheOffsetsTakesNothingFromTheAccount) {
  const auto consumer = Join();
  ASSERT_TRUE(consumer->Poll({}).ok());
  GroupProgress progress = ProgressOf(consumer);
  progress.Settle(At(0, 0, *consumer));
  progress.Settle(At(0, 2, *consumer));
  ASSERT_TRUE(progress.Commit().ok());
  EXPECT_EQ(progress.Accounts().at({kStream, Partition(0)}).second.total(), 2u);
}

TEST_F(GroupProgressTest, WhatCountsAlreadyCountsNoMore) {
  const auto consumer = Join();
  ASSERT_TRUE(consumer->Poll({}).ok());
  GroupProgress progress = ProgressOf(consumer);
  for (const uint64_t offset : {0, 1, 0, 1, 2}) progress.Settle(At(0, offset, *consumer));
  ASSERT_TRUE(progress.Commit().ok());
  EXPECT_EQ(Committed(0), 3u);
  EXPECT_EQ(AccountOf(0).total(), 3u);
}

// Another member had the partition for a moment, and this one never saw it: what it has read since is not what it had
// read before, whichever of the two it comes to first, and whatever of it was settled.
TEST_F(GroupProgressTest, WhatAPartitionGaveTwiceCountsOnce) {
  const auto consumer = Join();
  ASSERT_TRUE(consumer->Poll({}).ok());
  GroupProgress progress = ProgressOf(consumer);
  const std::array before = {At(0, 0, *consumer), At(0, 1, *consumer), At(0, 2, *consumer)};
  progress.Settle(before[0]);
  ASSERT_TRUE(progress.Commit().ok());
  progress.Settle(before[1]);
  Join();  // and leaves at once
  EXPECT_EQ(progress.Commit().code(), Code::kLogUnavailable) << "before it has looked";
  ASSERT_EQ(consumer->Poll({})->records.front().offset, Offset(1)) << "delivered again";
  progress.Settle(before[2]);
  ASSERT_TRUE(progress.Commit().ok());
  EXPECT_EQ(Committed(0), 1u);
  progress.Settle(At(0, 1, *consumer));
  progress.Settle(before[2]);
  ASSERT_TRUE(progress.Commit().ok());
  EXPECT_EQ(Committed(0), 2u);
  EXPECT_EQ(AccountOf(0).total(), 2u);
}

}  // namespace
}  // namespace freshet
