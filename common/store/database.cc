#include "common/store/database.h"

#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include <chrono>
#include <filesystem>

namespace freshet::store {
namespace {

// What is kept free beside room for flushing all that is in memory: files of RocksDB's own, other writers.
constexpr uint64_t kSpareBytes = 4 << 20;
constexpr auto kResumePatience = std::chrono::seconds(2);

}  // namespace

Database::~Database() {
  if (db_ == nullptr) return;
  env_->SetMode(DatabaseEnv::Mode::kClosing);
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/false);  // a Resume that waits for room gives up
  if (resume_.valid()) resume_.wait();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
  db_.reset();
  if (std::error_code ignored; !scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
}

Status Database::Write(rocksdb::WriteBatch& batch, Durability durability, Spare spare) {
  if (spare == Spare::kKept) FRESHET_RETURN_IF_ERROR(CheckRoom(batch.GetDataSize()));
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
  env_->SetMode(DatabaseEnv::Mode::kRecovering);
  const bool resumed = db_->Resume().ok() && (!env_->damaged_wal() || LeaveDamagedWal());
  env_->SetMode(DatabaseEnv::Mode::kServing);
  if (!resumed) return;
  env_->ForgetFailures();
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
  if (!scratch_.empty()) return GetNewest(family_index, key);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db_->Get(options, family(family_index), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocks(status);
  return std::optional<std::string>(std::move(value));
}

Result<bool> Database::GetPinned(size_t family_index, std::string_view key, const rocksdb::Snapshot* snapshot,
                                 rocksdb::PinnableSlice& value) {
  value.Reset();
  if (!scratch_.empty()) {
    FRESHET_ASSIGN_OR_RETURN(std::optional<std::string> newest, GetNewest(family_index, key));
    if (!newest) return false;
    *value.GetSelf() = *std::move(newest);
    value.PinSelf();
    return true;
  }
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const rocksdb::Status status = db_->Get(options, family(family_index), ToSlice(key), &value);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return FromRocks(status);
  return true;
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
