#include "common/store/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

namespace freshet::store {
namespace {

// What is kept free beside room for flushing all that is in memory: files of RocksDB's own, other writers.
constexpr uint64_t kSpareBytes = 4 << 20;
constexpr auto kResumePatience = std::chrono::seconds(2);

// RocksDB's own log may quote keys, and keys may hold identifiers (DESIGN §4.7): errors come back as codes instead.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Families are flushed one by one: with the write-ahead log on, a batch over several families is whole after recovery,
// because RocksDB syncs the closed logs before it installs a flush of one family of several. So no atomic_flush.
rocksdb::DBOptions ServerOptions(const DatabaseOptions& options, rocksdb::Env* env,
                                 std::shared_ptr<rocksdb::WriteBufferManager> memory) {
  rocksdb::DBOptions out;
  out.env = env;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  // Recovery stops at the first torn record: what is lost is a tail, never something in the middle.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  out.max_total_wal_size = 4 * options.write_buffer_bytes;  // bounds what a restart replays
  out.write_buffer_manager = std::move(memory);             // bounds all families together
  out.allow_fallocate = false;                              // else each write-ahead log file takes its room in advance
  out.max_background_jobs = 2;
  out.bytes_per_sync = 1 << 20;
  out.avoid_unnecessary_blocking_io = true;  // obsolete files are deleted in the background, not by a reader
  out.max_bgerror_resume_count = 0;          // Write resumes, not a thread of RocksDB's: see database_env.h
  out.max_file_opening_threads = 1;          // they are all started at each opening, however few the files
  out.avoid_flush_during_shutdown = true;    // the write-ahead log has it all
  out.skip_stats_update_on_db_open = true;
  out.skip_checking_sst_file_sizes_on_db_open = true;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  out.info_log = std::make_shared<SilentLogger>();
  return out;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const DatabaseOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 << 10;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Index and filter blocks count against the cache, so that memory is bounded however large the store grows.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  rocksdb::ColumnFamilyOptions out;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  out.write_buffer_size = options.write_buffer_bytes;
  out.compression = options.compress ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  out.level_compaction_dynamic_level_bytes = true;
  return out;
}

// A directory that was just made survives power loss only when the directory above it has been synced too.
rocksdb::Status MakeDirectories(rocksdb::Env* env, const std::string& path) {
  if (path.empty() || path == "/" || env->FileExists(path).ok()) return rocksdb::Status::OK();
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  if (slash != std::string::npos) {
    if (rocksdb::Status status = MakeDirectories(env, parent); !status.ok()) return status;
  }
  if (rocksdb::Status status = env->CreateDirIfMissing(path); !status.ok()) return status;
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = env->NewDirectory(parent, &directory);
  return status.ok() ? directory->Fsync() : status;
}

bool IsLockConflict(const rocksdb::Status& status) {
  return status.IsIOError() && status.ToString().find("/LOCK") != std::string::npos && !status.IsNoSpace();
}

Status OpenError(const rocksdb::Status& status, const DatabaseEnv& env) {
  if (IsLockConflict(status)) return Status(Code::kConfiguration, "the store is open elsewhere");
  if (status.IsInvalidArgument()) return Status(Code::kConfiguration, "the store's families are not those asked for");
  return status.IsIOError() && env.disk_full() ? FromRocks(rocksdb::Status::NoSpace()) : FromRocks(status);
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  std::unique_ptr<Database> database(new Database());
  database->path_ = options.path;
  database->env_ = std::make_unique<DatabaseEnv>(options.env != nullptr ? options.env : rocksdb::Env::Default());
  database->memory_ = std::make_shared<rocksdb::WriteBufferManager>(4 * options.write_buffer_bytes);
  if (rocksdb::Status made = MakeDirectories(database->env_.get(), options.path); !made.ok()) return FromRocks(made);

  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, FamilyOptions(options, cache));
  for (const std::string& family : options.families) {
    families.emplace_back(family, FamilyOptions(options, cache));
    if (options.tune) options.tune(family, families.back().options);
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(ServerOptions(options, database->env_.get(), database->memory_),
                                                   options.path, families, &database->handles_, &db);
  database->db_.reset(db);
  if (!status.ok()) return OpenError(status, *database->env_);
  database->failed_ = !database->KeepSomethingInMemory(rocksdb::WriteOptions()).ok();
  return database;
}

Database::~Database() {
  if (db_ == nullptr) return;
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/false);  // a Resume that waits for room gives up
  if (resume_.valid()) resume_.wait();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

Status Database::Write(rocksdb::WriteBatch& batch, Durability durability) {
  FRESHET_RETURN_IF_ERROR(CheckRoom(batch.GetDataSize()));
  // More than once, because a thread of RocksDB's may report a failure from before the cause went away.
  constexpr int kAttempts = 3;
  Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (failed_ && !Recover()) return WriteError(rocksdb::Status::IOError());
    status = WriteOnce(batch, durability);
    if (status.ok()) break;
  }
  return status;
}

// A full disk is told before RocksDB meets it, and while it can still flush what it has in memory: then nothing has
// failed, nothing needs to recover, and the first write after room was made goes through.
Status Database::CheckRoom(size_t batch_bytes) {
  uint64_t free = 0;
  if (!env_->GetFreeSpace(path_, &free).ok()) return OkStatus();  // a file system that does not tell
  const uint64_t needed = 2 * batch_bytes + memory_->memory_usage() + kSpareBytes;
  return free >= needed ? OkStatus() : FromRocks(rocksdb::Status::NoSpace());
}

Status Database::WriteOnce(rocksdb::WriteBatch& batch, Durability durability) {
  std::shared_lock lock(recovery_);
  if (failed_) return WriteError(rocksdb::Status::IOError());
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSync;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) failed_ = true;
  return WriteError(status);
}

Status Database::WriteError(const rocksdb::Status& status) const {
  return status.IsIOError() && env_->disk_full() ? FromRocks(rocksdb::Status::NoSpace()) : FromRocks(status);
}

// In a thread of its own: while a compaction cannot go on, Resume may wait for as long as that is so.
bool Database::Recover() {
  std::lock_guard lock(resume_mutex_);
  if (!failed_) return true;
  if (!resume_.valid()) resume_ = std::async(std::launch::async, [this] { Resume(); });
  if (resume_.wait_for(kResumePatience) != std::future_status::ready) return false;
  resume_.get();
  return !failed_;
}

// After a failed write RocksDB refuses all others until it is told to go on. Resume flushes what is in memory to a file
// and begins a new write-ahead log file.
void Database::Resume() {
  std::unique_lock lock(recovery_);
  if (!db_->Resume().ok()) return;
  if (env_->damaged_wal() && !LeaveDamagedWal()) return;
  failed_ = !KeepSomethingInMemory(rocksdb::WriteOptions()).ok();
}

// Resume begins a new write-ahead log file only where there is something to flush. So: put something into memory, fail
// on purpose in a way that leaves the damaged file alone, resume from that.
bool Database::LeaveDamagedWal() {
  env_->RefuseWals(true);
  rocksdb::WriteOptions beside_the_wal;
  beside_the_wal.disableWAL = true;
  KeepSomethingInMemory(beside_the_wal).PermitUncheckedError();
  db_->Flush(rocksdb::FlushOptions(), handles_[0]).PermitUncheckedError();
  env_->RefuseWals(false);
  return db_->Resume().ok() && !env_->damaged_wal();
}

// With this in memory, Resume nearly always has something to flush.
rocksdb::Status Database::KeepSomethingInMemory(const rocksdb::WriteOptions& options) {
  return db_->Put(options, handles_[0], "", "");
}

Result<std::optional<std::string>> Database::Get(size_t family_index, std::string_view key,
                                                 const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db_->Get(options, family(family_index), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocks(status);
  return std::optional<std::string>(std::move(value));
}

Status Database::Sync() {
  if (failed_ && !Recover()) return WriteError(rocksdb::Status::IOError());
  std::shared_lock lock(recovery_);
  if (failed_) return WriteError(rocksdb::Status::IOError());
  return WriteError(db_->SyncWAL());
}

uint64_t Database::BytesOnDisk() const {
  std::vector<rocksdb::Env::FileAttributes> files;
  if (!env_->GetChildrenFileAttributes(path_, &files).ok()) return 0;
  uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.size_bytes;
  return bytes;
}

Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return OkStatus();
  if (status.IsNoSpace()) return Status(Code::kDiskFull, "no space for the store's files");
  if (status.IsIOError()) return Status(Code::kIoError, "a file of the store could not be read or written");
  if (status.IsCorruption()) return Status(Code::kCorruptStore, "a file of the store is damaged");
  if (status.IsNotFound()) return Status(Code::kNotFound, "no such key or file in the store");
  if (status.IsBusy() || status.IsTimedOut() || status.IsTryAgain() || status.IsAborted() || status.IsIncomplete() ||
      status.IsShutdownInProgress() || status.IsMemoryLimit()) {
    return Status(Code::kUnavailable, "the store is busy or closing");
  }
  return Status(Code::kInternalError, "the store refused the call");
}

}  // namespace freshet::store
