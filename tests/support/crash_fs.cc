#include "tests/support/crash_fs.h"

#include "tests/support/crash_env.h"

namespace freshet::test {

struct CrashDisk::Life {
  std::unique_ptr<CrashVolume> volume;
  std::unique_ptr<rocksdb::Env> env;
};

CrashDisk::CrashDisk(uint64_t seed) { Begin(std::make_unique<CrashVolume>(seed)); }
CrashDisk::~CrashDisk() = default;

void CrashDisk::Begin(std::unique_ptr<CrashVolume> volume) {
  auto life = std::make_unique<Life>();
  life->env = NewCrashEnv(*volume);
  life->volume = std::move(volume);
  lives_.push_back(std::move(life));
}

rocksdb::Env* CrashDisk::env() const {
  std::lock_guard lock(mutex_);
  return lives_.back()->env.get();
}

CrashVolume& CrashDisk::volume() const {
  std::lock_guard lock(mutex_);
  return *lives_.back()->volume;
}

void CrashDisk::Crash() {
  std::lock_guard lock(mutex_);
  Begin(lives_.back()->volume->AfterPowerLoss());
}

size_t CrashDisk::crashes() const {
  std::lock_guard lock(mutex_);
  return lives_.size() - 1;
}

}  // namespace freshet::test
