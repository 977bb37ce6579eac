// DatabaseEnv: the Env under every Database: what RocksDB 7.8 lacks to lose nothing and to recover while it runs.
//
//   DatabaseEnv env(rocksdb::Env::Default());
//
// What it does to the files of its target:
//  - A write-ahead log file never comes into being before the one ahead of it is durable. RocksDB moves on to a new one
//    without syncing the old. Where writes are buffered, power loss may then take the old file's tail and leave the new
//    file's head, and recovery replays the head as though nothing were missing: newer writes without older ones. One
//    sync at each switch (every few megabytes) rules that out.
//  - A failed write, sync or name change is reported as one that may be tried again, also where the disk is full. Else
//    RocksDB takes some for fatal until the process ends, and leaves others to a thread that looks every five seconds.
//    So DB::Resume decides: it flushes what is in memory and gives up the damaged log. disk_full() remembers.
//  - Where nothing is in memory, Resume has nothing to flush and keeps the damaged write-ahead log file, and the next
//    write to it ends the process (an assertion, which Debian's build has on). damaged_wal() tells of that state, and
//    RefuseWals is the way out of it (see Database::LeaveDamagedWal).
//  - While something has failed, a flush does not start unless it is part of the recovery. Where a failure falls between
//    the scheduling of a flush and its start, RocksDB loses count of its flushes, and a later Resume waits for ever for
//    one that nobody will start. For the same reason a failure is reported a moment late.
//
// Any thread; one database an Env. `target` (not owned) outlives it.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <memory>

namespace freshet::store {

class DatabaseEnv final : public rocksdb::EnvWrapper {
 public:
  explicit DatabaseEnv(rocksdb::Env* target);

  // A write or sync of the newest write-ahead log file failed.
  bool damaged_wal() const { return health_->damaged_wal == health_->newest_wal; }
  // The newest failure of a write was for want of space.
  bool disk_full() const { return health_->disk_full; }
  // For the options of the database.
  std::shared_ptr<rocksdb::EventListener> NewListener() const;
  // What the database does about failures: see above.
  enum class Mode : uint8_t { kServing, kRecovering, kClosing };
  void SetMode(Mode mode) { health_->mode = mode; }
  void ForgetFailures() { health_->failing = false; }
  // While true, no write-ahead log file can be made.
  void RefuseWals(bool refuse) { health_->refuse_wals = refuse; }

  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*unschedule)(void*)) override;

  struct Health {
    std::atomic<uint64_t> newest_wal = 1;   // counted from Open
    std::atomic<uint64_t> damaged_wal = 0;  // the newest that is
    std::atomic<bool> failing = false;
    std::atomic<bool> disk_full = false;
    std::atomic<Mode> mode = Mode::kServing;
    std::atomic<bool> refuse_wals = false;
  };

 private:
  std::shared_ptr<Health> health_;
};

}  // namespace freshet::store
