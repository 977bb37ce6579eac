// DESIGN §4.4 for the embedded log: nothing acknowledged is lost by power loss at any instruction, no reader sees a
// hole, and progress never falls behind what was acknowledged. One seed, one history of appends, commits, trims,
// maintenance and power losses; a failing seed is replayed by its number (but for the scheduling of RocksDB's threads).
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <thread>

#include "common/log/embedded_log.h"
#include "tests/support/crash_fs.h"

namespace freshet::log {
namespace {

using test::CrashDisk;
using namespace std::chrono_literals;

constexpr uint64_t kSeeds = 120;
constexpr int kCrashes = 3;
constexpr uint32_t kPartitions = 3;

// What must be there, by what was acknowledged; and what may be, by what was under way when the power went.
struct PartitionModel {
  std::map<uint64_t, std::string> records;  // acknowledged, from `first` on
  uint64_t first = 0;
  uint64_t first_under_way = 0;
  uint64_t end = 0;
  size_t records_under_way = 0;
  uint64_t committed = 0;
  uint64_t commit_under_way = 0;
};

class History {
 public:
  explicit History(uint64_t seed) : random_(seed), disk_(seed) {}

  void Run() {
    for (int crash = 0; crash <= kCrashes && !testing::Test::HasFatalFailure(); ++crash) {
      Open();
      if (crash > 0) Check();
      if (crash == kCrashes || testing::Test::HasFatalFailure()) return;
      disk_.volume().CutPowerAfter(Pick(400));
      while (disk_.volume().powered() && !testing::Test::HasFatalFailure()) Step();
      disk_.Crash();
      consumer_.reset();
      log_.reset();
    }
  }

 private:
  uint64_t Pick(uint64_t below) { return random_() % below; }

  void Open() {
    auto log = EmbeddedLog::Open({.path = "/log",
                                  .env = disk_.env(),
                                  .clock = &clock_,
                                  .write_buffer_bytes = 256 << 10,
                                  .compact_dirty_share = 0});
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    log_ = std::move(*log);
    const TopicSpec live{.name = "live", .partitions = kPartitions, .retention_time = 1h};
    const TopicSpec table{.name = "table", .partitions = 1, .compacted = true};
    ASSERT_TRUE(log_->CreateTopics({{live, table}}).ok());
    auto consumer = log_->Subscribe("g", {"live"}, nullptr);
    ASSERT_TRUE(consumer.ok());
    consumer_ = std::move(*consumer);
  }

  void Step() {
    switch (Pick(10)) {
      case 0:
        return Maintain();
      case 1:
        return Trim();
      case 2:
      case 3:
        return Commit();
      case 4:
      case 5:
        return AppendToTable();
      default:
        return Append();
    }
  }

  void Append() {
    std::vector<NewRecord> records;
    for (uint64_t i = 0, count = 1 + Pick(5); i < count; ++i) {
      const std::string value = std::to_string(++last_value_) + std::string(Pick(3000), '.');
      records.push_back({"live", Partition(static_cast<uint32_t>(Pick(kPartitions))), "", value});
    }
    for (const NewRecord& record : records) ++live_[record.partition.value].records_under_way;
    const auto offsets = log_->Append(records);
    ASSERT_TRUE(offsets.ok()) << offsets.status().ToString();
    if (!disk_.volume().powered()) return;
    for (size_t i = 0; i < records.size(); ++i) {
      PartitionModel& model = live_[records[i].partition.value];
      ASSERT_EQ((*offsets)[i].value, model.end) << "offsets count up";
      model.records[model.end++] = *records[i].value;
      model.records_under_way = 0;
    }
  }

  void AppendToTable() {
    const std::string key = std::to_string(Pick(6));
    const std::optional<std::string> value =
        Pick(5) == 0 ? std::nullopt : std::optional<std::string>(std::to_string(++last_value_));
    table_under_way_ = {key, value};
    const NewRecord record{"table", Partition(0), key, value};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
    if (!disk_.volume().powered()) return;
    table_[key] = value;
    table_under_way_.reset();
  }

  void Commit() {
    ASSERT_TRUE(consumer_->Poll({.max_records = Pick(20)}).ok());
    const auto partition = static_cast<uint32_t>(Pick(kPartitions));
    PartitionModel& model = live_[partition];
    model.commit_under_way = model.committed + Pick(model.end - std::min(model.end, model.committed) + 1);
    const std::pair<TopicPartition, Progress> progress{
        {"live", Partition(partition)}, {Offset(model.commit_under_way), std::to_string(model.commit_under_way)}};
    ASSERT_TRUE(consumer_->Commit({&progress, 1}).ok());
    if (disk_.volume().powered()) model.committed = model.commit_under_way;
  }

  void Trim() {
    const auto partition = static_cast<uint32_t>(Pick(kPartitions));
    PartitionModel& model = live_[partition];
    model.first_under_way = model.first + Pick(model.end - model.first + 1) / 4;
    ASSERT_TRUE(log_->Trim({"live", Partition(partition)}, Offset(model.first_under_way)).ok());
    if (disk_.volume().powered()) ForgetBelow(model, model.first_under_way);
  }

  void Maintain() {
    if (Pick(3) == 0) clock_.Advance(10min);
    ASSERT_TRUE(log_->Maintain().ok());
    for (uint32_t partition = 0; partition < kPartitions; ++partition) {
      const uint64_t first = log_->Range({"live", Partition(partition)})->first.value;
      live_[partition].first_under_way = first;
      if (disk_.volume().powered()) ForgetBelow(live_[partition], first);
    }
  }

  static void ForgetBelow(PartitionModel& model, uint64_t first) {
    model.first = std::max(model.first, first);
    model.records.erase(model.records.begin(), model.records.lower_bound(model.first));
  }

  void Check() {
    for (uint32_t partition = 0; partition < kPartitions; ++partition) CheckPartition(partition);
    CheckTable();
  }

  std::vector<Delivered> ReadAll(const std::string& topic, uint32_t partition, uint64_t from) {
    auto reader = log_->Assign({{TopicPartition{topic, Partition(partition)}, Offset(from)}}, nullptr);
    EXPECT_TRUE(reader.ok());
    std::vector<Delivered> all;
    while (true) {
      Result<Polled> polled = (*reader)->Poll({.max_records = 7});
      EXPECT_TRUE(polled.ok() && polled->gaps.empty());
      if (!polled.ok() || polled->records.empty()) return all;
      std::ranges::move(polled->records, std::back_inserter(all));
    }
  }

  void CheckPartition(uint32_t partition) {
    PartitionModel& model = live_[partition];
    const OffsetRange range = *log_->Range({"live", Partition(partition)});
    ASSERT_GE(range.first.value, model.first) << "what retention took is back";
    ASSERT_LE(range.first.value, std::max(model.first, model.first_under_way));
    ASSERT_GE(range.end.value, model.end) << "an acknowledged record is lost";
    ASSERT_LE(range.end.value, model.end + model.records_under_way) << "records nobody appended";
    uint64_t next = range.first.value;
    std::map<uint64_t, std::string> found;
    for (const Delivered& record : ReadAll("live", partition, next)) {
      ASSERT_EQ(record.offset.value, next++) << "a hole";
      found[record.offset.value] = *record.value;
    }
    ASSERT_EQ(next, range.end.value);
    for (const auto& [offset, value] : model.records) {
      if (offset < range.first.value) continue;
      ASSERT_EQ(found[offset], value) << "another record in its place";
    }
    const Result<Progress> progress = log_->Committed("g", {"live", Partition(partition)});
    ASSERT_TRUE(progress.ok());
    if (!progress->metadata.empty()) {
      ASSERT_EQ(progress->metadata, std::to_string(progress->next.value));
      ASSERT_TRUE(progress->next.value == model.committed || progress->next.value == model.commit_under_way);
    } else {
      ASSERT_EQ(model.committed, 0u) << "acknowledged progress is lost";
    }
    const uint64_t committed = progress->metadata.empty() ? 0 : progress->next.value;
    model = {.records = std::move(found), .first = range.first.value, .end = range.end.value, .committed = committed};
  }

  void CheckTable() {
    std::map<std::string, std::optional<std::string>> found;
    for (const Delivered& record : ReadAll("table", 0, 0)) found[record.key] = record.value;
    for (auto& [key, value] : table_) {
      const bool under_way = table_under_way_ && table_under_way_->first == key && found.contains(key) &&
                             found[key] == table_under_way_->second;
      if (!under_way && !found.contains(key)) {
        ASSERT_EQ(value, std::nullopt) << "key=" << key;  // a tombstone that compaction dropped
        continue;
      }
      if (!under_way) {
        ASSERT_EQ(found[key], value) << "key=" << key;
      }
      value = found[key];
    }
    if (table_under_way_ && found.contains(table_under_way_->first)) {
      table_[table_under_way_->first] = found[table_under_way_->first];
    }
    table_under_way_.reset();
  }

  std::mt19937_64 random_;
  CrashDisk disk_;
  ManualClock clock_{Time(24h * 365)};
  std::unique_ptr<EmbeddedLog> log_;
  std::unique_ptr<Consumer> consumer_;
  uint64_t last_value_ = 0;
  std::map<uint32_t, PartitionModel> live_;
  std::map<std::string, std::optional<std::string>> table_;  // nothing: a tombstone
  std::optional<std::pair<std::string, std::optional<std::string>>> table_under_way_;
};

TEST(LogCrash, NothingAcknowledgedIsLostAndNoHoleIsSeen) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    History(seed).Run();
    if (testing::Test::HasFatalFailure()) return;
  }
}

// Several producers when the power goes: each acknowledged record is there, each producer's in its order.
TEST(LogCrash, ConcurrentAcknowledgementsSurvive) {
  constexpr int kProducers = 4;
  for (uint64_t seed = 0; seed < 25; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    CrashDisk disk(seed);
    std::array<int, kProducers> acknowledged{};
    {
      auto log = EmbeddedLog::Open({.path = "/log", .env = disk.env(), .write_buffer_bytes = 256 << 10});
      ASSERT_TRUE(log.ok());
      ASSERT_TRUE((*log)->CreateTopics({{{.name = "t", .partitions = 2}}}).ok());
      disk.volume().CutPowerAfter(100 + seed * 20);
      std::vector<std::jthread> producers;
      for (int producer = 0; producer < kProducers; ++producer) {
        producers.emplace_back([&, producer] {
          const std::string key = std::to_string(producer);
          for (int i = 0; true; ++i) {
            const NewRecord record{"t", Partition(producer % 2u), key, std::to_string(i)};
            if (!(*log)->Append({&record, 1}).ok() || !disk.volume().powered()) return;
            acknowledged[producer] = i + 1;
          }
        });
      }
      producers.clear();
      disk.Crash();
    }
    auto log = EmbeddedLog::Open({.path = "/log", .env = disk.env()});
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    auto reader = (*log)->Assign(
        {{TopicPartition{"t", Partition(0)}, Offset(0)}, {TopicPartition{"t", Partition(1)}, Offset(0)}}, nullptr);
    std::map<std::string, int> next;
    for (bool more = true; more;) {
      Result<Polled> polled = (*reader)->Poll({});
      ASSERT_TRUE(polled.ok());
      for (const Delivered& record : polled->records) ASSERT_EQ(*record.value, std::to_string(next[record.key]++));
      more = !polled->records.empty();
    }
    for (int producer = 0; producer < kProducers; ++producer) {
      ASSERT_GE(next[std::to_string(producer)], acknowledged[producer]);
    }
  }
}

}  // namespace
}  // namespace freshet::log
