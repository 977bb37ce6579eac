#include "tests/simulation/quick_env.h"

#include <rocksdb/file_system.h>

namespace freshet::test {
namespace {

class QuickFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit QuickFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target) : FileSystemWrapper(target) {}
  const char* Name() const override { return "QuickFileSystem"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    if (path.find("/OPTIONS-") != std::string::npos) return rocksdb::IOStatus::NotSupported("not read here");
    return target()->NewSequentialFile(path, options, file, debug);
  }
};

class QuickEnv final : public rocksdb::EnvWrapper {
 public:
  explicit QuickEnv(rocksdb::Env* target) : EnvWrapper(target) {
    file_system_ = std::make_shared<QuickFileSystem>(target->GetFileSystem());
    system_clock_ = target->GetSystemClock();
  }
  const char* Name() const override { return "QuickEnv"; }
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewQuickEnv(rocksdb::Env* target) { return std::make_unique<QuickEnv>(target); }

}  // namespace freshet::test
