#include "common/store/database_env.h"

#include <rocksdb/file_system.h>
#include <rocksdb/listener.h>

#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "common/store/database_manifest.h"

namespace freshet::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using Health = std::shared_ptr<DatabaseEnv::Health>;

constexpr uint64_t kNoWal = 0;
constexpr auto kUntilScheduledFlushesHaveStarted = std::chrono::milliseconds(20);
constexpr auto kUntilARecoveryThatEndedIsSeen = std::chrono::milliseconds(5);

IOStatus MayTryAgain(IOStatus status, DatabaseEnv::Health& health) {
  if (status.ok()) return status;
  health.disk_full = status.IsNoSpace();
  if (health.mode == DatabaseEnv::Mode::kServing) std::this_thread::sleep_for(kUntilScheduledFlushesHaveStarted);
  if (status.IsNoSpace()) status = IOStatus::IOError("no space");
  status.SetRetryable(true);
  return status;
}

class RetryableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  RetryableFile(std::unique_ptr<rocksdb::FSWritableFile> file, Health health, uint64_t wal)
      : FSWritableFileOwnerWrapper(std::move(file)), health_(std::move(health)), wal_(wal) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::Append(data, options, verification, debug));
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::Truncate(size, options, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::Close(options, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::Fsync(options, debug));
  }
  IOStatus RangeSync(uint64_t offset, uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return Told(FSWritableFileWrapper::RangeSync(offset, size, options, debug));
  }

 private:
  IOStatus Told(IOStatus status) {
    if (!status.ok() && wal_ != kNoWal) health_->damaged_wal = wal_;
    return MayTryAgain(std::move(status), *health_);
  }

  const Health health_;
  const uint64_t wal_;  // which write-ahead log file this is
};

class RetryableDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  RetryableDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, Health health)
      : FSDirectoryWrapper(std::move(directory)), health_(std::move(health)) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSDirectoryWrapper::Fsync(options, debug), *health_);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& which) override {
    return MayTryAgain(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, which), *health_);
  }

 private:
  const Health health_;
};

class DatabaseFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  DatabaseFileSystem(const std::shared_ptr<FileSystem>& target, Health health)
      : FileSystemWrapper(target), health_(std::move(health)) {}
  const char* Name() const override { return "DatabaseFileSystem"; }

  // Power loss may have torn a manifest's end. Nobody who is writing one leaves zeros there for a follower to see.
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* debug) override {
    return path.find("/MANIFEST-") != std::string::npos ? OpenManifest(*target(), path, options, file)
                                                        : target()->NewSequentialFile(path, options, file, debug);
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    if (path.ends_with(".log")) return NewWal(path, options, file, debug);
    return Wrap(target()->NewWritableFile(path, options, file, debug), file, kNoWal);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    return Wrap(target()->ReopenWritableFile(path, options, file, debug), file, kNoWal);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) override {
    IOStatus status = target()->NewDirectory(path, options, directory, debug);
    if (status.ok()) *directory = std::make_unique<RetryableDirectory>(std::move(*directory), health_);
    return MayTryAgain(std::move(status), *health_);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    return MayTryAgain(target()->RenameFile(from, to, options, debug), *health_);
  }

 private:
  IOStatus Wrap(IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* file, uint64_t wal) {
    if (status.ok()) *file = std::make_unique<RetryableFile>(std::move(*file), health_, wal);
    return MayTryAgain(std::move(status), *health_);
  }

  IOStatus NewWal(const std::string& path, const FileOptions& options, std::unique_ptr<rocksdb::FSWritableFile>* file,
                  IODebugContext* debug) {
    std::lock_guard lock(mutex_);
    IOStatus status = health_->refuse_wals ? IOStatus::IOError("refused") : SyncNewestWal(options, debug);
    if (status.ok()) status = target()->NewWritableFile(path, options, file, debug);
    if (!status.ok()) return MayTryAgain(std::move(status), *health_);
    newest_wal_ = path;
    return Wrap(IOStatus::OK(), file, ++health_->newest_wal);
  }

  // fdatasync writes back all dirty pages of the file, whichever descriptor they came through.
  IOStatus SyncNewestWal(const FileOptions& options, IODebugContext* debug) {
    if (newest_wal_.empty() || target()->FileExists(newest_wal_, IOOptions(), debug).IsNotFound()) {
      return IOStatus::OK();
    }
    std::unique_ptr<rocksdb::FSWritableFile> wal;
    IOStatus status = target()->ReopenWritableFile(newest_wal_, options, &wal, debug);
    if (status.ok()) status = wal->Sync(IOOptions(), debug);
    if (status.ok()) status = wal->Close(IOOptions(), debug);
    return status;
  }

  const Health health_;
  std::mutex mutex_;
  std::string newest_wal_;
};

class FailureListener final : public rocksdb::EventListener {
 public:
  explicit FailureListener(Health health) : health_(std::move(health)) {}
  // Told before the failure takes effect. One of a compaction stops no flush.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status*) override {
    if (reason != rocksdb::BackgroundErrorReason::kCompaction) health_->failing = true;
  }

 private:
  const Health health_;
};

// A job of RocksDB's flush threads.
struct Flush {
  void (*function)(void*);
  void* argument;
  void (*unschedule)(void*);
  Health health;
};

void WaitUntilItMayStart(const DatabaseEnv::Health& health) {
  using Mode = DatabaseEnv::Mode;
  while (health.failing && health.mode != Mode::kClosing) {
    const bool recovering = health.mode == Mode::kRecovering;
    std::this_thread::sleep_for(kUntilARecoveryThatEndedIsSeen);
    if (recovering && health.mode == Mode::kRecovering) return;
  }
}

void RunFlush(void* argument) {
  const std::unique_ptr<Flush> flush(static_cast<Flush*>(argument));
  WaitUntilItMayStart(*flush->health);
  flush->function(flush->argument);
}

void UnscheduleFlush(void* argument) {
  const std::unique_ptr<Flush> flush(static_cast<Flush*>(argument));
  if (flush->unschedule != nullptr) flush->unschedule(flush->argument);
}

}  // namespace

void DatabaseEnv::Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                           void (*unschedule)(void*)) {
  if (priority != Priority::HIGH) return EnvWrapper::Schedule(function, argument, priority, tag, unschedule);
  auto flush = std::make_unique<Flush>(Flush{function, argument, unschedule, health_});
  EnvWrapper::Schedule(RunFlush, flush.release(), priority, tag, UnscheduleFlush);
}

std::shared_ptr<rocksdb::EventListener> DatabaseEnv::NewListener() const {
  return std::make_shared<FailureListener>(health_);
}

DatabaseEnv::DatabaseEnv(rocksdb::Env* target) : EnvWrapper(target), health_(std::make_shared<Health>()) {
  file_system_ = std::make_shared<DatabaseFileSystem>(target->GetFileSystem(), health_);
  system_clock_ = target->GetSystemClock();
}

}  // namespace freshet::store
