// The embedded log passes the contract: on a crash disk, which can lose power, and on the real file system.
#include <unistd.h>

#include <filesystem>

#include "common/log/contract.h"
#include "common/log/embedded_log.h"
#include "tests/support/crash_fs.h"

namespace freshet::log {
namespace {

class EmbeddedBackend : public Backend {
 public:
  explicit EmbeddedBackend(EmbeddedLogOptions options) : options_(std::move(options)) { Open(); }

  Log& log() override { return *log_; }
  void Reopen() override {
    log_.reset();
    Open();
  }
  bool Expire(const TopicPartition& partition, Offset first) override {
    const Status status = log_->Trim(partition, first);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return status.ok();
  }
  bool CompactsAtOnce() const override { return true; }

 protected:
  void Open() {
    Result<std::unique_ptr<EmbeddedLog>> log = EmbeddedLog::Open(options_);
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    log_ = std::move(*log);
  }

  EmbeddedLogOptions options_;
  std::unique_ptr<EmbeddedLog> log_;
};

class OnCrashDisk final : public EmbeddedBackend {
 public:
  explicit OnCrashDisk(std::unique_ptr<test::CrashDisk> disk)
      : EmbeddedBackend({.path = "/log", .env = disk->env()}), disk_(std::move(disk)) {}
  ~OnCrashDisk() override { log_.reset(); }  // before the disk

  bool Crash() override {
    disk_->Crash();
    log_.reset();
    options_.env = disk_->env();
    Open();
    return true;
  }

 private:
  std::unique_ptr<test::CrashDisk> disk_;
};

class OnFiles final : public EmbeddedBackend {
 public:
  explicit OnFiles(const std::filesystem::path& path) : EmbeddedBackend({.path = path.string()}), path_(path) {}
  ~OnFiles() override {
    log_.reset();
    std::filesystem::remove_all(path_);
  }

  // The files as they are while the log is open: what kill -9 leaves.
  bool Crash() override {
    const std::filesystem::path image = path_.string() + ".image";
    std::filesystem::copy(path_, image, std::filesystem::copy_options::recursive);
    log_.reset();
    std::filesystem::remove_all(path_);
    std::filesystem::rename(image, path_);
    Open();
    return true;
  }

 private:
  std::filesystem::path path_;
};

std::unique_ptr<Backend> MakeOnCrashDisk() {
  return std::make_unique<OnCrashDisk>(std::make_unique<test::CrashDisk>(/*seed=*/1));
}

std::unique_ptr<Backend> MakeOnFiles() {
  static std::atomic<int> count = 0;
  return std::make_unique<OnFiles>(std::filesystem::temp_directory_path() /
                                   ("embedded_log." + std::to_string(getpid()) + "." + std::to_string(count++)));
}

INSTANTIATE_TEST_SUITE_P(Embedded, LogContract,
                         testing::Values(BackendFactory{"crash_disk", &MakeOnCrashDisk},
                                         BackendFactory{"files", &MakeOnFiles}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace freshet::log
