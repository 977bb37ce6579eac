// A rocksdb::Env over a CrashVolume: RocksDB's calls as the volume's, one for one.
//
//   std::unique_ptr<rocksdb::Env> env = NewCrashEnv(volume);   // CrashDisk does this
//
// Threads and clock are the operating system's. Any thread; `volume` outlives the result.
#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "tests/support/crash_volume.h"

namespace freshet::test {

std::unique_ptr<rocksdb::Env> NewCrashEnv(CrashVolume& volume);

}  // namespace freshet::test
