// The audit log on a disk that others fill: a small tmpfs, skipped aloud where it may not be mounted.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "services/query/audit.h"

namespace freshet::query {
namespace {

class AuditOnSmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / ("audit_disk." + std::to_string(getpid()));
    std::filesystem::create_directories(root_);
    mounted_ = mount("tmpfs", root_.c_str(), "tmpfs", 0, "size=4m") == 0;
    if (!mounted_) GTEST_SKIP() << "A tmpfs cannot be mounted here: " << std::strerror(errno);
  }
  void TearDown() override {
    if (mounted_) umount2(root_.c_str(), MNT_DETACH);
    std::filesystem::remove_all(root_);
  }

  void FillDisk() const {
    std::ofstream ballast(root_ / "ballast", std::ios::binary | std::ios::app);
    while (ballast << std::string(4096, 'x') << std::flush) {
    }
  }
  std::unique_ptr<FileAuditLog> Open() const {
    auto log = FileAuditLog::Open(root_ / "audit.jsonl", {.file_bytes = 100'000, .reserve_bytes = kReserve});
    EXPECT_TRUE(log.ok()) << log.status().ToString();
    return log.ok() ? std::move(*log) : nullptr;
  }
  // Until one is refused.
  static size_t TakenBy(FileAuditLog& log, size_t most) {
    for (size_t taken = 0; taken < most; ++taken) {
      const Status status = log.Append({.at = Time(std::chrono::seconds(taken)), .documents = {std::string(900, 'd')}});
      if (status.ok()) continue;
      EXPECT_EQ(status.code(), Code::kDiskFull) << status.ToString();
      return taken;
    }
    return most;
  }

  static constexpr uint64_t kReserve = 1 << 20;
  std::filesystem::path root_;
  bool mounted_ = false;
};

TEST_F(AuditOnSmallDisk, LinesAreTakenFromTheReserveAlsoByTheProcessThatComesNext) {
  auto log = Open();
  FillDisk();
  EXPECT_EQ(TakenBy(*log, 300), 300u) << "beyond what a file may hold: there is no room for the next one";
  log.reset();
  log = Open();
  const size_t left = TakenBy(*log, 2000);
  EXPECT_GT(left, 400u);
  EXPECT_LT(left, 800u) << "a full disk is full";
  std::filesystem::remove(root_ / "ballast");
  EXPECT_EQ(TakenBy(*log, 500), 500u);
  const auto chain = FileAuditLog::Verify(root_ / "audit.jsonl");
  ASSERT_TRUE(chain.ok()) << chain.status().ToString();
  EXPECT_EQ(chain->lines, 300 + left + 500);
}

TEST_F(AuditOnSmallDisk, ATornLineTakesNoReserveWithIt) {
  ASSERT_EQ(TakenBy(*Open(), 3), 3u);
  FillDisk();
  std::ofstream(root_ / "audit.jsonl", std::ios::binary | std::ios::app) << "{\"at\":";
  const auto log = Open();
  EXPECT_EQ(TakenBy(*log, 1), 1u);
  FillDisk();
  EXPECT_EQ(TakenBy(*log, 300), 300u);
}

TEST_F(AuditOnSmallDisk, WhereThereIsNoRoomForAReserveItSaysSo) {
  FillDisk();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(TakenBy(*Open(), 1), 0u);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("no room in reserve"), std::string::npos);
}

TEST_F(AuditOnSmallDisk, OneThatTakesNoLineSaysSoBeforeItIsAsked) {
  Time now(std::chrono::hours(1));
  const auto check = [&now](FileAuditLog& of) { return of.Check(now += std::chrono::seconds(10)).code(); };
  auto log = Open();
  EXPECT_EQ(check(*log), Code::kOk);
  FillDisk();
  EXPECT_EQ(check(*log), Code::kOk) << "of its reserve";
  EXPECT_EQ(TakenBy(*log, 300), 300u);
  log.reset();
  log = Open();
  EXPECT_EQ(check(*log), Code::kOk) << "of what is left of the reserve of the one before";
  EXPECT_LT(TakenBy(*log, 2000), 2000u);
  FillDisk();
  EXPECT_EQ(check(*log), Code::kDiskFull);
  log.reset();
  log = Open();
  EXPECT_EQ(check(*log), Code::kDiskFull);
  std::filesystem::remove(root_ / "ballast");
  EXPECT_EQ(check(*log), Code::kOk);
  FillDisk();
  EXPECT_EQ(check(*log), Code::kOk) << "it has set room aside without having been asked anything";
  EXPECT_EQ(TakenBy(*log, 300), 300u);
}

TEST_F(AuditOnSmallDisk, AFileThatIsFollowedByTheNextGivesItsReserveBack) {
  const auto log = Open();
  const auto free = [&] { return std::filesystem::space(root_).available; };
  const auto before = free();
  EXPECT_EQ(TakenBy(*log, 1000), 1000u) << "about ten files of 100 kB";
  EXPECT_GT(before - free(), 900'000u);
  EXPECT_LT(before - free(), 1'100'000u + kReserve);
}

}  // namespace
}  // namespace freshet::query
