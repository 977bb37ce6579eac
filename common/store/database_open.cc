#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "common/store/database_options.h"

namespace freshet::store {
namespace {

constexpr int kFlushThreads = 4;  // of the process: a database's flush does not wait behind another's

// RocksDB's own log may quote keys, and keys may hold identifiers (DESIGN §4.7): errors come back as codes instead.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

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

// Which store it is, an operator must know: there are several.
Status OpenError(const rocksdb::Status& status, const DatabaseEnv& env, const std::string& path) {
  if (status.IsCorruption()) return Status(Code::kCorruptStore, "a file of the store in " + path + " is damaged");
  if (IsLockConflict(status)) return Status(Code::kConfiguration, "the store is open elsewhere");
  if (status.IsInvalidArgument()) return Status(Code::kConfiguration, "the store's families are not those asked for");
  return status.IsIOError() && env.disk_full() ? FromRocks(rocksdb::Status::NoSpace()) : FromRocks(status);
}

}  // namespace

// Families are flushed one by one: with the write-ahead log on, a batch over several families is whole after recovery,
// because RocksDB syncs the closed logs before it installs a flush of one family of several. So no atomic_flush.
rocksdb::DBOptions ServerOptions(const DatabaseOptions& options, DatabaseEnv* env,
                                 std::shared_ptr<rocksdb::WriteBufferManager> memory) {
  rocksdb::DBOptions out;
  out.env = env;
  out.listeners.push_back(env->NewListener());
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

std::vector<rocksdb::ColumnFamilyDescriptor> Families(const DatabaseOptions& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, FamilyOptions(options, cache));
  for (const std::string& family : options.families) {
    families.emplace_back(family, FamilyOptions(options, cache));
    if (options.tune) options.tune(family, families.back().options);
  }
  return families;
}

Result<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  std::unique_ptr<Database> database(new Database());
  database->path_ = options.path;
  database->env_ = std::make_unique<DatabaseEnv>(options.env != nullptr ? options.env : rocksdb::Env::Default());
  database->env_->IncBackgroundThreadsIfNeeded(kFlushThreads, rocksdb::Env::Priority::HIGH);
  database->memory_ = std::make_shared<rocksdb::WriteBufferManager>(4 * options.write_buffer_bytes);
  if (rocksdb::Status made = MakeDirectories(database->env_.get(), options.path); !made.ok()) return FromRocks(made);

  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(ServerOptions(options, database->env_.get(), database->memory_),
                                                   options.path, Families(options), &database->handles_, &db);
  database->db_.reset(db);
  if (!status.ok()) return OpenError(status, *database->env_, options.path);
  database->failed_ = !database->KeepSomethingInMemory(rocksdb::WriteOptions()).ok();
  return database;
}

}  // namespace freshet::store
