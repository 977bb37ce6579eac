#include "tests/support/crash_env.h"

#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <algorithm>

namespace freshet::test {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus ToRocks(const Status& status) {
  switch (status.code()) {
    case Code::kOk:
      return IOStatus::OK();
    case Code::kDiskFull:
      return IOStatus::NoSpace(status.message());
    case Code::kNotFound:
      return IOStatus::PathNotFound(status.message());
    default:
      return IOStatus::IOError(status.message());
  }
}

class Reader final : public rocksdb::FSRandomAccessFile {
 public:
  Reader(CrashVolume& volume, CrashVolume::File file) : volume_(volume), file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t size, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    *result = Slice(scratch, volume_.ReadAt(file_, offset, size, scratch));
    return IOStatus::OK();
  }

 private:
  CrashVolume& volume_;
  CrashVolume::File file_;
};

class SequentialReader final : public rocksdb::FSSequentialFile {
 public:
  SequentialReader(CrashVolume& volume, CrashVolume::File file) : volume_(volume), file_(std::move(file)) {}
  IOStatus Read(size_t size, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    *result = Slice(scratch, volume_.ReadAt(file_, at_, size, scratch));
    at_ += result->size();
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t count) override {
    at_ += count;
    return IOStatus::OK();
  }

 private:
  CrashVolume& volume_;
  CrashVolume::File file_;
  uint64_t at_ = 0;
};

class Writer final : public rocksdb::FSWritableFile {
 public:
  Writer(CrashVolume& volume, CrashVolume::File file) : volume_(volume), file_(std::move(file)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return ToRocks(volume_.Append(file_, {data.data(), data.size()}));
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    return ToRocks(volume_.Truncate(file_, size));
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return ToRocks(volume_.Sync(file_)); }
  bool IsSyncThreadSafe() const override { return true; }
  // Starting write-back promises nothing.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return volume_.SizeOf(file_); }

 private:
  CrashVolume& volume_;
  CrashVolume::File file_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(CrashVolume& volume, std::string path) : volume_(volume), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return ToRocks(volume_.SyncDirectory(path_)); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  CrashVolume& volume_;
  std::string path_;
};

// RocksDB's own log is no part of a test; and Debian's build, which has assertions on, aborts when writing it fails.
class NoLogger final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

struct HeldLock final : rocksdb::FileLock {
  explicit HeldLock(std::string path) : path(std::move(path)) {}
  std::string path;
};

class CrashFileSystem final : public rocksdb::FileSystem {
 public:
  explicit CrashFileSystem(CrashVolume& volume) : volume_(volume) {}
  const char* Name() const override { return "CrashFileSystem"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* out, IODebugContext*) override {
    return Wrap<SequentialReader>(volume_.Open(path), out);
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* out, IODebugContext*) override {
    return Wrap<Reader>(volume_.Open(path), out);
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>* out,
                           IODebugContext*) override {
    return Wrap<Writer>(volume_.Create(path), out);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* out, IODebugContext*) override {
    return Wrap<Writer>(volume_.Exists(path) ? volume_.Open(path) : volume_.Create(path), out);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* out,
                        IODebugContext*) override {
    if (!volume_.IsDirectory(path)) return IOStatus::PathNotFound(path);
    *out = std::make_unique<Directory>(volume_, path);
    return IOStatus::OK();
  }
  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    return volume_.Exists(path) ? IOStatus::OK() : IOStatus::NotFound();
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* out,
                       IODebugContext*) override {
    auto names = volume_.List(path);
    if (!names.ok()) return IOStatus::NotFound();
    *out = std::move(*names);
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToRocks(volume_.Remove(path));
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return volume_.Exists(path) ? IOStatus::IOError("exists") : ToRocks(volume_.MakeDirectory(path));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToRocks(volume_.MakeDirectory(path));
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToRocks(volume_.Remove(path));
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* size, IODebugContext*) override {
    auto file = volume_.Open(path);
    if (file.ok()) *size = volume_.SizeOf(*file);
    return ToRocks(file.status());
  }
  IOStatus GetFileModificationTime(const std::string& path, const IOOptions&, uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return volume_.Exists(path) ? IOStatus::OK() : IOStatus::PathNotFound(path);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) override {
    return ToRocks(volume_.Rename(from, to));
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock, IODebugContext*) override {
    if (Status status = volume_.Lock(path); !status.ok()) return IOStatus::IOError(status.message() + ": " + path);
    *lock = std::make_unique<HeldLock>(path).release();
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<HeldLock> held(static_cast<HeldLock*>(lock));
    volume_.Unlock(held->path);
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* logger,
                     IODebugContext*) override {
    *logger = std::make_shared<NoLogger>();
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* out, IODebugContext*) override {
    *out = path;
    return IOStatus::OK();
  }
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t* bytes, IODebugContext*) override {
    *bytes = volume_.FreeBytes();
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is, IODebugContext*) override {
    *is = volume_.IsDirectory(path);
    return volume_.Exists(path) ? IOStatus::OK() : IOStatus::PathNotFound(path);
  }

 private:
  template <class Wrapper, class Base>
  IOStatus Wrap(Result<CrashVolume::File> file, std::unique_ptr<Base>* out) {
    if (file.ok()) *out = std::make_unique<Wrapper>(volume_, std::move(*file));
    return ToRocks(file.status());
  }

  CrashVolume& volume_;
};

// After a failed flush RocksDB's threads sleep for a second, and closing the database waits for them: too long here.
class ImpatientClock final : public rocksdb::SystemClockWrapper {
 public:
  using SystemClockWrapper::SystemClockWrapper;
  const char* Name() const override { return "ImpatientClock"; }
  void SleepForMicroseconds(int micros) override { target_->SleepForMicroseconds(std::min(micros, 1000)); }
};

class CrashEnv final : public rocksdb::EnvWrapper {
 public:
  explicit CrashEnv(const std::shared_ptr<rocksdb::FileSystem>& files) : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = files;
    system_clock_ = std::make_shared<ImpatientClock>(rocksdb::SystemClock::Default());
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewCrashEnv(CrashVolume& volume) {
  return std::make_unique<CrashEnv>(std::make_shared<CrashFileSystem>(volume));
}

}  // namespace freshet::test
