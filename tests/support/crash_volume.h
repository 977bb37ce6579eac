// CrashVolume: one life of a disk in memory, from power-on to power loss. Files, directories, and what of them is
// durable.
//
//   CrashVolume::File file = *volume.Create("/db/a");
//   volume.Append(file, "bytes");  volume.Sync(file);  volume.SyncDirectory("/db");   // now "/db/a" survives
//
// The model, as strict as POSIX allows and as ordered as journaling file systems are:
//  - bytes written to a file are durable after Sync of that file; before that, power loss keeps a random prefix of what
//    was appended (the last bytes of it perhaps as zeros) and undoes a random suffix of overwrites; a truncation is
//    durable at once;
//  - a create, rename, delete or new subdirectory is durable after SyncDirectory of the directory that holds the name;
//    before that, power loss keeps a random prefix of the directory's operations;
//  - a Sync that fails throws the unsynced bytes away for good: a later Sync of that file reports success and makes
//    nothing durable, as Linux does.
// When the power goes, what lasts is settled at that instant. The objects of that life do not notice: every call goes
// on to succeed, and nothing of it lasts. So a test asks powered() after an acknowledgement, and takes it for one only
// then. (Errors instead would let error handling run that has no part in a power loss.)
// Paths are absolute, parts between '/'. Any thread; one lock a volume. Codes: io_error (an injected fault, a path that
// cannot be), disk_full, not_found.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::test {

// What changes the disk, for counting and for faults.
enum class DiskOperation : uint8_t { kWrite, kSync, kName };

// From the `after`-th operation of this kind on (0: the next one), the volume answers with `code`.
struct DiskFault {
  std::optional<DiskOperation> operation;  // nothing: any
  uint64_t after = 0;
  Code code = Code::kIoError;
  bool sticky = false;  // until Heal(); else once
};

class CrashVolume {
 public:
  struct FileNode;
  struct DirectoryNode;
  using File = std::shared_ptr<FileNode>;
  using Directory = std::shared_ptr<DirectoryNode>;

  explicit CrashVolume(uint64_t seed);
  ~CrashVolume();

  // Files. A File stays usable after its name is gone.
  Result<File> Create(const std::string& path);  // an existing file of that name is replaced
  Result<File> Open(const std::string& path) const;
  Status Append(const File& file, std::string_view bytes);
  Status WriteAt(const File& file, uint64_t offset, std::string_view bytes);
  Status Truncate(const File& file, uint64_t size);
  Status Sync(const File& file);
  // Bytes copied to `out`, less than `size` at the end of the file.
  size_t ReadAt(const File& file, uint64_t offset, size_t size, char* out) const;
  uint64_t SizeOf(const File& file) const;
  std::string Contents(const File& file) const;

  // Names.
  bool Exists(const std::string& path) const;
  bool IsDirectory(const std::string& path) const;
  Result<std::vector<std::string>> List(const std::string& directory) const;  // names, sorted
  Status MakeDirectory(const std::string& path);                              // ok where it exists
  Status Remove(const std::string& path);                                     // a file or an empty directory
  Status Rename(const std::string& from, const std::string& to);              // of a file, within one directory
  Status SyncDirectory(const std::string& path);

  // Advisory locks of this life: io_error where it is held.
  Status Lock(const std::string& path);
  void Unlock(const std::string& path);

  // Faults.
  void SetCapacity(uint64_t bytes);  // writes past it end in disk_full
  uint64_t UsedBytes() const;
  uint64_t FreeBytes() const;
  void Inject(const DiskFault& fault);
  void Heal();
  // Power goes off during the next operation after `operations` of them, which may or may not take effect.
  void CutPowerAfter(uint64_t operations);
  void CutPower();
  bool powered() const;
  uint64_t operations() const;
  uint64_t syncs() const;
  void SlowSyncs(std::chrono::microseconds each);  // as a disk would take; without the lock

  // The next life: what power loss left of this one, which is cut off if it is not yet. Once.
  std::unique_ptr<CrashVolume> AfterPowerLoss();

 private:
  struct Entry;
  class Turn;

  Status TakeFault(DiskOperation operation);
  std::optional<Entry> Find(const std::string& path) const;
  Directory FindDirectory(const std::string& path) const;
  Status WriteLocked(FileNode& file, uint64_t offset, std::string_view bytes);
  Status ChangeNames(DirectoryNode& directory, std::vector<std::pair<std::string, std::optional<Entry>>> operation);
  void CutPowerLocked();
  size_t Prefix(size_t size);
  File SurvivorOf(const FileNode& file);
  Directory SurvivorOf(const DirectoryNode& directory);
  static uint64_t BytesBelow(const DirectoryNode& directory);

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  Directory root_;
  std::set<std::string> locks_;
  std::vector<DiskFault> faults_;
  uint64_t capacity_ = UINT64_MAX;
  uint64_t used_ = 0;
  uint64_t operations_ = 0;
  uint64_t syncs_ = 0;
  std::atomic<int64_t> sync_micros_ = 0;
  uint64_t cut_at_ = UINT64_MAX;
  bool powered_ = true;
  std::unique_ptr<CrashVolume> next_;  // from the power cut until AfterPowerLoss
};

}  // namespace freshet::test
