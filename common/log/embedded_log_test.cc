// What the embedded log promises beyond the contract: retention by a clock, floors, group commit, sticky sharing.
#include "common/log/embedded_log.h"

#include <gtest/gtest.h>

#include <thread>

#include "common/log/contract.h"
#include "common/log/record_format.h"
#include "tests/support/crash_fs.h"

namespace freshet::log {
namespace {

using namespace std::chrono_literals;

class EmbeddedLogTest : public testing::Test {
 protected:
  EmbeddedLogTest() { Open(); }

  void Open() {
    log_.reset();
    auto log = EmbeddedLog::Open(
        {.path = "/log", .env = disk_.env(), .clock = &clock_, .tombstone_keep = 1h, .compact_dirty_share = 0});
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    log_ = std::move(*log);
  }

  void Create(TopicSpec spec) {
    spec.name = "t";
    const Status status = log_->CreateTopics({{spec}});
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  void Append(uint32_t partition, const std::string& key, std::optional<std::string> value) {
    const NewRecord record{"t", Partition(partition), key, std::move(value)};
    const auto offsets = log_->Append({&record, 1});
    ASSERT_TRUE(offsets.ok()) << offsets.status().ToString();
  }

  uint64_t First(uint32_t partition) { return log_->Range({"t", Partition(partition)})->first.value; }
  uint64_t End(uint32_t partition) { return log_->Range({"t", Partition(partition)})->end.value; }

  std::vector<std::string> Contents(uint32_t partition) {
    auto reader = log_->Assign({{TopicPartition{"t", Partition(partition)}, Offset(0)}}, nullptr);
    Result<Polled> polled = (*reader)->Poll({});
    std::vector<std::string> contents;
    for (const Delivered& record : polled->records) contents.push_back(Describe(record));
    return contents;
  }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(24h * 365)};
  std::unique_ptr<EmbeddedLog> log_;
};

TEST_F(EmbeddedLogTest, RetentionTakesWhatIsTooOld) {
  Create({.partitions = 2, .retention_time = 10min});
  Append(0, "a", "1");
  clock_.Advance(6min);
  Append(0, "b", "2");
  Append(1, "c", "3");
  clock_.Advance(4min);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(0), 0u) << "just within";
  clock_.Advance(1ms);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@1 b=2"}));
  EXPECT_EQ(First(1), 0u);
  clock_.Advance(1h);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(0), 2u);
  EXPECT_EQ(End(0), 2u);
  Open();
  EXPECT_EQ(First(0), 2u) << "an empty partition keeps its place over a restart";
  Append(0, "d", "4");
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@2 d=4"}));
}

TEST_F(EmbeddedLogTest, RetentionBySizeTakesTheOldestOfWhicheverPartition) {
  Create({.partitions = 2, .retention_bytes = 1000});
  for (int i = 0; i < 10; ++i) {  // partition 0 first, then partition 1
    Append(i < 5 ? 0 : 1, "", std::string(150, 'v'));
    clock_.Advance(1s);
  }
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(0), 4u) << "1500 bytes: four records of 150 go";
  EXPECT_EQ(First(1), 0u);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(0), 4u) << "no more than needed";
  Open();
  Append(1, "", std::string(950, 'v'));
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(0), 5u);
  EXPECT_EQ(First(1), 5u);
  EXPECT_EQ(End(1), 6u);
}

TEST_F(EmbeddedLogTest, RetentionStopsAtTheFloor) {
  Create({.partitions = 1, .retention_time = 1min, .retention_bytes = 10});
  for (int i = 0; i < 10; ++i) Append(0, "", "value");
  ASSERT_TRUE(log_->SetRetentionFloor({"t", Partition(0)}, Offset(3)).ok());
  clock_.Advance(1h);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(0), 3u);
  ASSERT_TRUE(log_->SetRetentionFloor({"t", Partition(0)}, Offset(9)).ok());
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(0), 9u);
  EXPECT_EQ(log_->SetRetentionFloor({"t", Partition(1)}, Offset(0)).code(), Code::kConfiguration);
}

TEST_F(EmbeddedLogTest, SettingsOfAnExistingTopicFollowItsSpec) {
  Create({.partitions = 1, .max_record_bytes = 10});
  const NewRecord record{"t", Partition(0), "", std::string(20, 'v')};
  EXPECT_EQ(log_->Append({&record, 1}).code(), Code::kDocumentTooLarge);
  Create({.partitions = 1, .max_record_bytes = 30});
  EXPECT_TRUE(log_->Append({&record, 1}).ok());
  Open();
  EXPECT_TRUE(log_->Append({&record, 1}).ok());
  const TopicSpec one{.name = "u", .partitions = 1};
  const TopicSpec other{.name = "u", .partitions = 2};
  EXPECT_EQ(log_->CreateTopics({{one, other}}).code(), Code::kConfiguration);
  EXPECT_EQ(log_->Range({"u", Partition(0)}).code(), Code::kConfiguration) << "nothing was created";
}

TEST_F(EmbeddedLogTest, CompactionKeepsTombstonesForAWhile) {
  Create({.partitions = 1, .compacted = true});
  Append(0, "a", "1");
  Append(0, "b", "1");
  Append(0, "a", std::nullopt);
  Append(0, "b", "2");
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@2 a=-", "0@3 b=2"}));
  clock_.Advance(59min);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0).size(), 2u);
  clock_.Advance(2min);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@3 b=2"}));
  clock_.Advance(24h * 365);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@3 b=2"})) << "no retention by age";
}

TEST_F(EmbeddedLogTest, CompactionKeepsTheNewestRecordWhichHoldsTheEnd) {
  Create({.partitions = 1, .compacted = true});
  Append(0, "a", "1");
  Append(0, "a", std::nullopt);
  clock_.Advance(2h);
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@1 a=-"}));
  Open();
  EXPECT_EQ(End(0), 2u);
  Append(0, "b", "2");
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@2 b=2"}));
}

TEST_F(EmbeddedLogTest, CompactionWaitsUntilItPays) {
  log_.reset();
  auto log = EmbeddedLog::Open({.path = "/other", .env = disk_.env(), .clock = &clock_, .compact_dirty_share = 0.5});
  log_ = std::move(*log);
  Create({.partitions = 1, .compacted = true});
  for (int i = 0; i < 10; ++i) Append(0, std::to_string(i), "1");
  ASSERT_TRUE(log_->Maintain().ok());
  for (int i = 0; i < 4; ++i) Append(0, std::to_string(i), "2");
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0).size(), 14u);
  Append(0, "4", "2");
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(Contents(0).size(), 10u);
}

TEST_F(EmbeddedLogTest, AClockSetBackDoesNotSetAppendedTimesBack) {
  Create({.partitions = 1});
  Append(0, "", "1");
  clock_.Advance(-1h);
  Append(0, "", "2");
  auto reader = log_->Assign({{TopicPartition{"t", Partition(0)}, Offset(0)}}, nullptr);
  const Result<Polled> polled = (*reader)->Poll({});
  EXPECT_EQ(polled->records[0].appended, polled->records[1].appended);
}

TEST_F(EmbeddedLogTest, AFailedAppendLeavesNoHole) {
  Create({.partitions = 1});
  Append(0, "", "1");
  disk_.volume().Inject({.operation = test::DiskOperation::kSync, .sticky = true});
  const NewRecord record{"t", Partition(0), "", "failed"};
  EXPECT_EQ(log_->Append({&record, 1}).code(), Code::kIoError);
  EXPECT_EQ(End(0), 1u);
  EXPECT_EQ(Contents(0).size(), 1u) << "nobody sees what is not durable";
  disk_.volume().Heal();
  Append(0, "", "2");
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@0 =1", "0@1 =2"}));
  disk_.Crash();
  Open();
  EXPECT_EQ(Contents(0), (std::vector<std::string>{"0@0 =1", "0@1 =2"}));
}

TEST_F(EmbeddedLogTest, ConcurrentAppendsShareTheirSyncs) {
  Create({.partitions = 4});
  constexpr uint64_t kThreads = 8;
  constexpr uint64_t kEach = 100;
  const uint64_t before = disk_.volume().syncs();
  disk_.volume().SlowSyncs(200us);
  std::vector<std::jthread> threads;
  for (uint32_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (uint64_t i = 0; i < kEach; ++i) Append(thread % 4, "", "v");
    });
  }
  threads.clear();
  EXPECT_EQ(End(0) + End(1) + End(2) + End(3), kThreads * kEach);
  EXPECT_LT(disk_.volume().syncs() - before, kThreads * kEach / 2);
}

TEST_F(EmbeddedLogTest, MembersKeepTheirPartitionsWhereTheyCan) {
  Create({.partitions = 6});
  const auto join = [&] { return std::move(*log_->Subscribe("g", {"t"}, nullptr)); };
  auto one = join();
  auto two = join();
  const auto before = one->Assignment();
  ASSERT_EQ(before.size(), 3u);
  auto three = join();
  const auto after = one->Assignment();
  EXPECT_EQ(after.size(), 2u);
  for (const TopicPartition& partition : after) EXPECT_NE(std::ranges::find(before, partition), before.end());
  EXPECT_EQ(two->Assignment().size() + three->Assignment().size(), 4u);
  three.reset();
  for (const TopicPartition& partition : after) {
    const auto now = one->Assignment();
    EXPECT_NE(std::ranges::find(now, partition), now.end());
  }
  EXPECT_EQ(one->Assignment().size(), 3u);
}

// A partition that went away and came back is a new ownership: what was read before may not be committed any more.
TEST_F(EmbeddedLogTest, ACommitFromBeforeTwoRebalancesIsRefused) {
  Create({.partitions = 2});
  auto one = std::move(*log_->Subscribe("g", {"t"}, nullptr));
  ASSERT_TRUE(one->Poll({}).ok());
  const std::pair<TopicPartition, Progress> stale[] = {{{"t", Partition(0)}, {Offset(0), ""}},
                                                       {{"t", Partition(1)}, {Offset(0), ""}}};
  { auto two = std::move(*log_->Subscribe("g", {"t"}, nullptr)); }
  EXPECT_EQ(one->Commit(stale).code(), Code::kLogUnavailable);
  ASSERT_TRUE(one->Poll({}).ok());
  EXPECT_TRUE(one->Commit(stale).ok());
}

TEST_F(EmbeddedLogTest, AConsumerMayOutliveTheLogObject) {
  Create({.partitions = 1});
  Append(0, "", "1");
  auto reader = std::move(*log_->Assign({{TopicPartition{"t", Partition(0)}, Offset(0)}}, nullptr));
  log_.reset();
  EXPECT_EQ(reader->Poll({})->records.size(), 1u);
}

TEST_F(EmbeddedLogTest, ASecondOpenerIsRefused) {
  EXPECT_EQ(EmbeddedLog::Open({.path = "/log", .env = disk_.env()}).code(), Code::kConfiguration);
}

// What is sealed does not shrink; text does. A log that is opened again has written its tables.
TEST(EmbeddedLogSize, IsCompressedWhereThatIsAskedFor) {
  const auto table_bytes = [](bool compress) {
    test::CrashDisk disk(1);
    const auto open = [&] { return EmbeddedLog::Open({.path = "/log", .env = disk.env(), .compress = compress}); };
    {
      const auto log = open();
      EXPECT_TRUE((*log)->CreateTopics({{{.name = "t"}}}).ok());
      const NewRecord record{"t", Partition(0), "key", std::string(1 << 20, 'x')};
      EXPECT_TRUE((*log)->Append({&record, 1}).ok());
    }
    const auto log = open();
    EXPECT_EQ((*log)->Range({"t", Partition(0)})->end.value, 1u);
    std::vector<rocksdb::Env::FileAttributes> files;
    EXPECT_TRUE(disk.env()->GetChildrenFileAttributes("/log", &files).ok());
    uint64_t bytes = 0;
    for (const auto& file : files) bytes += file.name.ends_with(".sst") ? file.size_bytes : 0;
    return bytes;
  };
  EXPECT_GT(table_bytes(false), 1u << 20);
  EXPECT_GT(table_bytes(true), 0u);
  EXPECT_LT(table_bytes(true), 1u << 18);
}

}  // namespace
}  // namespace freshet::log
