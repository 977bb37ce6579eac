// CrashDisk: a disk in memory that loses power, for RocksDB and for whoever uses plain files.
//
//   CrashDisk disk(seed);
//   auto log = EmbeddedLog::Open({.path = "/log", .env = disk.env()});
//   disk.volume().CutPowerAfter(500);      // or just:
//   disk.Crash();                          // every byte not synced is gone, but for what the seed lets live
//   auto again = EmbeddedLog::Open({.path = "/log", .env = disk.env()});   // a new Env
//
// A life ends with Crash(), and the next has a volume and an Env of its own. Objects of an earlier life may be
// destroyed before or after: they hold on to that life's volume, where nothing lasts any more, and never touch the new
// one.// Locks die with their life. Envs and volumes live as long as the disk. What is lost, and how: crash_volume.h.
// Any thread.
#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <mutex>
#include <vector>

#include "tests/support/crash_volume.h"

namespace freshet::test {

class CrashDisk {
 public:
  explicit CrashDisk(uint64_t seed);
  ~CrashDisk();

  // Of the present life.
  rocksdb::Env* env() const;
  CrashVolume& volume() const;

  // Power off, if it is not yet, and on again.
  void Crash();
  size_t crashes() const;

 private:
  struct Life;
  void Begin(std::unique_ptr<CrashVolume> volume);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Life>> lives_;
};

}  // namespace freshet::test
