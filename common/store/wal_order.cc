#include "common/store/wal_order.h"

#include <rocksdb/file_system.h>

#include <mutex>
#include <string>

namespace freshet::store {
namespace {

using rocksdb::IOStatus;

class WalOrderFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit WalOrderFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target) : FileSystemWrapper(target) {}
  const char* Name() const override { return "WalOrderFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* debug) override {
    if (!path.ends_with(".log")) return target()->NewWritableFile(path, options, file, debug);
    std::lock_guard lock(mutex_);
    if (IOStatus status = SyncPrevious(options, debug); !status.ok()) return status;
    IOStatus status = target()->NewWritableFile(path, options, file, debug);
    if (status.ok()) newest_wal_ = path;
    return status;
  }

 private:
  // fdatasync writes back all dirty pages of the file, whichever descriptor they came through.
  IOStatus SyncPrevious(const rocksdb::FileOptions& options, rocksdb::IODebugContext* debug) {
    if (newest_wal_.empty() || target()->FileExists(newest_wal_, rocksdb::IOOptions(), debug).IsNotFound()) {
      return IOStatus::OK();
    }
    std::unique_ptr<rocksdb::FSWritableFile> previous;
    IOStatus status = target()->ReopenWritableFile(newest_wal_, options, &previous, debug);
    if (status.ok()) status = previous->Sync(rocksdb::IOOptions(), debug);
    if (status.ok()) status = previous->Close(rocksdb::IOOptions(), debug);
    return status;
  }

  std::mutex mutex_;
  std::string newest_wal_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewWalOrderEnv(rocksdb::Env* target) {
  // Threads and clock come from the operating system's Env.
  return rocksdb::NewCompositeEnv(std::make_shared<WalOrderFileSystem>(target->GetFileSystem()));
}

}  // namespace freshet::store
