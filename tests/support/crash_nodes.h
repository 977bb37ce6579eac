// The nodes of a CrashVolume: what they hold now, and what is needed to say how they look after power loss.
// Internal to crash_volume*.cc.
#pragma once

#include <algorithm>
#include <map>

#include "tests/support/crash_volume.h"

namespace freshet::test {

struct CrashVolume::Entry {
  File file;            // one of the two
  Directory directory;  // is null
};

struct CrashVolume::FileNode {
  struct Overwrite {
    uint64_t offset;
    std::string before;
  };
  std::string data;
  uint64_t durable = 0;               // bytes that the last Sync covered
  std::vector<Overwrite> overwrites;  // since then, of bytes below `durable`, in order
  bool lost_sync = false;             // a Sync failed: nothing here becomes durable any more
};

struct CrashVolume::DirectoryNode {
  using Names = std::map<std::string, Entry>;
  // One operation: what the names stand for afterwards; nothing: the name is gone.
  using Operation = std::vector<std::pair<std::string, std::optional<Entry>>>;

  static void Apply(const Operation& operation, Names& names) {
    for (const auto& [name, entry] : operation) {
      if (entry) {
        names[name] = *entry;
      } else {
        names.erase(name);
      }
    }
  }

  Names names;
  Names durable;
  std::vector<Operation> unsynced;  // leads from `durable` to `names`
};

// One operation that changes the disk, from the count to the power cut that may fall on it. Lives within the lock.
class CrashVolume::Turn {
 public:
  Turn(CrashVolume& volume, DiskOperation operation);
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  const Status& status() const { return status_; }

 private:
  CrashVolume& volume_;
  Status status_;
  bool cut_afterwards_ = false;
};

}  // namespace freshet::test
