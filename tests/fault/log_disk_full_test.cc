// The embedded log on a file system that fills up: a small tmpfs. Needs the right to mount; skipped aloud without.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "common/log/embedded_log.h"

namespace freshet::log {
namespace {

class LogOnSmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / ("log_disk_full." + std::to_string(getpid()));
    std::filesystem::create_directories(root_);
    mounted_ = mount("tmpfs", root_.c_str(), "tmpfs", 0, "size=40m") == 0;
    if (!mounted_) GTEST_SKIP() << "A tmpfs cannot be mounted here: " << std::strerror(errno);
    ballast_ = root_ / "ballast";
    std::ofstream(ballast_) << std::string(10 << 20, 'x');
    Open();
  }

  void TearDown() override {
    log_.reset();
    if (mounted_) umount(root_.c_str());
    std::filesystem::remove_all(root_);
  }

  void Open() {
    log_.reset();
    auto log = EmbeddedLog::Open({.path = root_ / "log", .write_buffer_bytes = 1 << 20});
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    log_ = std::move(*log);
    ASSERT_TRUE(log_->CreateTopics({{{.name = "t", .partitions = 1}}}).ok());
  }

  // Bytes that do not compress, the same for the same number.
  static std::string Value(int number) {
    std::mt19937_64 random(static_cast<uint64_t>(number));
    std::string value;
    while (value.size() < 20'000) value += std::to_string(random());
    return value;
  }

  Status Append(int number) {
    const NewRecord record{"t", Partition(0), std::to_string(number), Value(number)};
    return log_->Append({&record, 1}).status();
  }

  int AppendUntilFull() {
    while (true) {
      const Status status = Append(count_);
      if (!status.ok()) {
        EXPECT_EQ(status.code(), Code::kDiskFull) << status.ToString();
        return count_;
      }
      ++count_;
    }
  }

  void ExpectAll() {
    auto reader = log_->Assign({{TopicPartition{"t", Partition(0)}, Offset(0)}}, nullptr);
    int next = 0;
    while (next < count_) {
      Result<Polled> polled = (*reader)->Poll({});
      ASSERT_TRUE(polled.ok()) << polled.status().ToString();
      ASSERT_FALSE(polled->records.empty());
      for (const Delivered& record : polled->records) {
        ASSERT_EQ(record.key, std::to_string(next));
        ASSERT_EQ(record.value, Value(next++));
      }
    }
    EXPECT_EQ(log_->Range({"t", Partition(0)})->end.value, static_cast<uint64_t>(count_));
  }

  std::filesystem::path root_;
  std::filesystem::path ballast_;
  bool mounted_ = false;
  int count_ = 0;
  std::unique_ptr<EmbeddedLog> log_;
};

TEST_F(LogOnSmallDisk, TellsOfAFullDiskLosesNothingAndGoesOnWhenThereIsRoom) {
  EXPECT_GT(AppendUntilFull(), 100);
  EXPECT_EQ(Append(count_).code(), Code::kDiskFull);
  ExpectAll();
  const int before = count_;
  std::filesystem::remove(ballast_);
  AppendUntilFull();
  EXPECT_GT(count_, before + 50) << "the room that came was used";
  ExpectAll();
  Open();
  ExpectAll();
}

TEST_F(LogOnSmallDisk, RetentionCutsWhereNothingCanBeAppended) {
  AppendUntilFull();
  const auto end = static_cast<uint64_t>(count_);
  EXPECT_EQ(Append(count_).code(), Code::kDiskFull);
  ASSERT_TRUE(log_->Trim({"t", Partition(0)}, Offset(end)).ok());
  EXPECT_EQ(log_->Range({"t", Partition(0)})->first.value, end);
  std::filesystem::remove(ballast_);  // RocksDB compacts before the room of what was cut is there
  const NewRecord record{"t", Partition(0), "", "after"};
  EXPECT_TRUE(log_->Append({&record, 1}).ok());
}

}  // namespace
}  // namespace freshet::log
