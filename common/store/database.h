// Database: a RocksDB with fixed column families, its errors as Freshet's codes, its files on whatever file system a
// test puts under it.
//
//   auto database = Database::Open({.path = dir, .families = {"documents", "chunks"}});
//   rocksdb::WriteBatch batch;  batch.Put((*database)->family(0), key, value);
//   (*database)->Write(batch, Durability::kSync);
//
// Any thread. Codes: disk_full, io_error (retry), corrupt_store (halt), configuration (another process has it open, or
// its families are others). After a full disk or a failed write the same object works again as soon as the cause is
// gone. Writes go through this class, not through db(), which does not know what state a failure left.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/store/database_env.h"

namespace freshet::store {

enum class Durability : uint8_t {
  kSync,      // survives power loss when Write returns
  kBuffered,  // survives the process; power loss may take the newest writes, never one without its successors
};

struct DatabaseOptions {
  std::string path;
  std::vector<std::string> families;     // fixed for ever, beside RocksDB's "default"
  rocksdb::Env* env = nullptr;           // null: the operating system's
  size_t block_cache_bytes = 64 << 20;   // shared by all families; more is faster reads
  size_t write_buffer_bytes = 32 << 20;  // a family; more is fewer, larger files
  bool compress = true;                  // LZ4
  // Called for each family's options before opening (merge operators, prefix extractors, other buffers).
  std::function<void(const std::string& family, rocksdb::ColumnFamilyOptions&)> tune;
};

class Database {
 public:
  static Result<std::unique_ptr<Database>> Open(DatabaseOptions options);
  // The same database, which another process (or nobody) has open, for reading: RocksDB's secondary instance. It is as
  // it was when opened, until CatchUp. not_found where there is none yet, or not all families are there; unavailable
  // where its files changed all the while: try again. Families must not be added to it later.
  static Result<std::unique_ptr<Database>> OpenFollower(DatabaseOptions options);
  ~Database();

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* family(size_t index) { return handles_[index + 1]; }

  // disk_full while some room is left, for what RocksDB has in memory. A small batch that makes room, as retention's do,
  // may use of that.
  enum class Spare : uint8_t { kKept, kUsed };
  Status Write(rocksdb::WriteBatch& batch, Durability durability, Spare spare = Spare::kKept);
  // Nothing where there is no such key.
  Result<std::optional<std::string>> Get(size_t family, std::string_view key,
                                         const rocksdb::Snapshot* snapshot = nullptr);
  // The same for large values, without a copy where RocksDB has it whole; false where there is no such key.
  Result<bool> GetPinned(size_t family, std::string_view key, const rocksdb::Snapshot* snapshot,
                         rocksdb::PinnableSlice& value);
  // Makes all earlier kBuffered writes survive power loss.
  Status Sync();
  // Of a follower: everything that was written before the call shows, each batch whole or not at all. After an error
  // the database may be of no one moment: open it anew. Reads may run meanwhile, and see this or that.
  Status CatchUp();
  // Of a follower: the writer has begun a new manifest, as it does when it starts. CatchUp cannot go on there.
  bool IsOutlived() const;
  // Bytes on disk, files and write-ahead log.
  uint64_t BytesOnDisk() const;

 private:
  Database() = default;
  std::string NewestManifest() const;
  std::set<std::string> DataFiles() const;
  Result<std::optional<std::string>> GetNewest(size_t family, std::string_view key);
  Status CheckRoom(size_t batch_bytes);
  Status WriteOnce(rocksdb::WriteBatch& batch, Durability durability);
  Status WriteError(const rocksdb::Status& status) const;
  bool Recover();
  void Resume();
  bool LeaveDamagedWal();
  rocksdb::Status KeepSomethingInMemory(const rocksdb::WriteOptions& options);

  std::unique_ptr<DatabaseEnv> env_;  // outlives db_
  std::shared_ptr<rocksdb::WriteBufferManager> memory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // [0] is "default"
  std::string path_;
  std::string manifest_;  // of a follower: that it reads
  std::string scratch_;   // of a follower: where RocksDB would keep its log, removed at the end
  // Shared by whoever uses the write-ahead log, exclusive while the database recovers from a failed write.
  std::shared_mutex recovery_;
  std::atomic<bool> failed_ = false;  // a write has, and Resume did not succeed since
  std::mutex resume_mutex_;
  std::future<void> resume_;
};

// Freshet's code for a RocksDB status; the message names the kind, never a key or a value.
Status FromRocks(const rocksdb::Status& status);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace freshet::store
