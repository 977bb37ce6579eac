#include "common/store/database_env.h"

#include <rocksdb/file_system.h>

#include <mutex>
#include <string>

namespace freshet::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus MayTryAgain(IOStatus status) {
  if (!status.ok()) status.SetRetryable(true);
  return status;
}

class RetryableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::Append(data, options, verification, debug));
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::Truncate(size, options, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::Close(options, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::Fsync(options, debug));
  }
  IOStatus RangeSync(uint64_t offset, uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSWritableFileWrapper::RangeSync(offset, size, options, debug));
  }
};

class RetryableDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  using FSDirectoryWrapper::FSDirectoryWrapper;
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return MayTryAgain(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& which) override {
    return MayTryAgain(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, which));
  }
};

class DatabaseFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit DatabaseFileSystem(const std::shared_ptr<FileSystem>& target) : FileSystemWrapper(target) {}
  const char* Name() const override { return "DatabaseFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    if (!path.ends_with(".log")) return Wrap(target()->NewWritableFile(path, options, file, debug), file);
    std::lock_guard lock(mutex_);
    if (IOStatus status = SyncNewestWal(options, debug); !status.ok()) return MayTryAgain(status);
    IOStatus status = Wrap(target()->NewWritableFile(path, options, file, debug), file);
    if (status.ok()) newest_wal_ = path;
    return status;
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    return Wrap(target()->ReopenWritableFile(path, options, file, debug), file);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) override {
    IOStatus status = target()->NewDirectory(path, options, directory, debug);
    if (status.ok()) *directory = std::make_unique<RetryableDirectory>(std::move(*directory));
    return MayTryAgain(status);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    return MayTryAgain(target()->RenameFile(from, to, options, debug));
  }
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t*, IODebugContext*) override {
    return IOStatus::NotSupported();
  }

 private:
  static IOStatus Wrap(IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) *file = std::make_unique<RetryableFile>(std::move(*file));
    return MayTryAgain(status);
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

  std::mutex mutex_;
  std::string newest_wal_;
};

class DatabaseEnv final : public rocksdb::EnvWrapper {
 public:
  explicit DatabaseEnv(rocksdb::Env* target) : EnvWrapper(target) {
    file_system_ = std::make_shared<DatabaseFileSystem>(target->GetFileSystem());
    system_clock_ = target->GetSystemClock();
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewDatabaseEnv(rocksdb::Env* target) { return std::make_unique<DatabaseEnv>(target); }

}  // namespace freshet::store
