// The half of Database that follows what another process writes.
//
// A catch-up reads the manifest, then the write-ahead logs. Between the two, the writer may flush a log's content and
// remove the log: then the follower has neither, and shows what came later without what came before. So a catch-up
// counts only where no file went away meanwhile: a file that was there before and is there after could be read, and
// what went away before is in the manifest, since the writer removes a file only after that says so.
//
// RocksDB 7.8 goes over to a new manifest, but may then miss files of it: so whoever follows opens the database anew.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/store/database_options.h"

namespace freshet::store {
namespace {

constexpr int kCatchUpAttempts = 20;

// RocksDB wants a directory for what a follower writes, which with our silent log is nothing.
std::string ScratchOf(const Database* database) {
  std::error_code ignored;
  const std::filesystem::path base = std::filesystem::temp_directory_path(ignored);
  const std::string unique = std::to_string(::getpid()) + "-" + std::to_string(reinterpret_cast<uintptr_t>(database));
  return (base / ("freshet-follower-" + unique)).string();
}

Status FollowError(const rocksdb::Status& status) {
  // A file that the writer removed after the manifest that we read named it.
  if (status.IsIOError() || status.IsNotFound()) return Status(Code::kUnavailable, "the store's files are changing");
  return FromRocks(status);
}

}  // namespace

Result<std::unique_ptr<Database>> Database::OpenFollower(DatabaseOptions options) {
  std::unique_ptr<Database> database(new Database());
  database->path_ = options.path;
  database->scratch_ = ScratchOf(database.get());
  database->env_ = std::make_unique<DatabaseEnv>(options.env != nullptr ? options.env : rocksdb::Env::Default());
  if (!database->env_->FileExists(options.path + "/CURRENT").ok()) {
    return Status(Code::kNotFound, "there is no store yet");
  }
  database->manifest_ = database->NewestManifest();
  rocksdb::DBOptions follow = ServerOptions(options, database->env_.get(), nullptr);
  follow.listeners.clear();
  follow.create_if_missing = false;
  follow.create_missing_column_families = false;
  follow.max_open_files = -1;  // what the writer removes stays readable
  const std::set<std::string> before = database->DataFiles();
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenAsSecondary(follow, options.path, database->scratch_,
                                                              Families(options), &database->handles_, &db);
  database->db_.reset(db);
  if (status.IsInvalidArgument()) return Status(Code::kNotFound, "the store is being made");
  // A file that the writer removed while it was looked for is damage to RocksDB.
  const std::set<std::string> after = database->DataFiles();
  const bool kept = std::includes(after.begin(), after.end(), before.begin(), before.end());
  if (!status.ok() && (!kept || database->IsOutlived())) {
    return Status(Code::kUnavailable, "the store's files are changing");
  }
  if (!status.ok()) return FollowError(status);
  FRESHET_RETURN_IF_ERROR(database->CatchUp());
  return database;
}

std::string Database::NewestManifest() const {
  std::string name;
  return rocksdb::ReadFileToString(env_.get(), path_ + "/CURRENT", &name).ok() ? name : "";
}

bool Database::IsOutlived() const { return NewestManifest() != manifest_; }

std::set<std::string> Database::DataFiles() const {
  std::vector<std::string> names;
  if (!env_->GetChildren(path_, &names).ok()) return {};
  std::set<std::string> files;
  for (std::string& name : names) {
    if (name.ends_with(".log") || name.ends_with(".sst")) files.insert(std::move(name));
  }
  return files;
}

Status Database::CatchUp() {
  std::set<std::string> before = DataFiles();
  for (int attempt = 0; attempt < kCatchUpAttempts; ++attempt) {
    const rocksdb::Status status = db_->TryCatchUpWithPrimary();
    std::set<std::string> after = DataFiles();
    const bool kept = std::includes(after.begin(), after.end(), before.begin(), before.end());
    if (IsOutlived()) break;
    if (status.ok() && kept) return OkStatus();
    if (!status.ok() && kept) return FollowError(status);
    before = std::move(after);
  }
  return Status(Code::kUnavailable, "the store's files are changing");
}

// A follower's memory may hold an older value of a key than the files do: what the writer has flushed is not put into
// memory any more, and what was there stays until the next log. RocksDB's Get takes the first that it meets, memory
// before files; an iterator takes the newest.
Result<std::optional<std::string>> Database::GetNewest(size_t family_index, std::string_view key) {
  const std::string next = std::string(key) + '\0';
  const rocksdb::Slice bound = ToSlice(next);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options, family(family_index)));
  rows->Seek(ToSlice(key));
  if (rows->Valid()) return std::optional<std::string>(rows->value().ToString());
  FRESHET_RETURN_IF_ERROR(FromRocks(rows->status()));
  return std::optional<std::string>();
}

}  // namespace freshet::store
