// AuditLog: one line a call, each bound to all before it, so that a line changed, taken out or moved shows.
//
//   audit.Append({.user = "ada", .action = "search", .outcome = "ok", .trace_id = ...});
//   Result<AuditChain> chain = FileAuditLog::Verify("data/audit.jsonl");
//
// Line := JSON object with "previous", the SHA-256 of the line before (64 zeros in the first), and no content: neither
// question nor answer, but who, what, when, how much, and which documents' ids were shown. A chain proves every line
// but its last ones: whoever notes its head elsewhere from time to time can show that none is missing at the end.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::query {

struct AuditEntry {
  Time at;
  std::string user;     // empty: nobody was known by the token
  std::string action;   // "search", "lineage", ...
  std::string outcome;  // a name of the code table
  std::string trace_id;
  std::vector<std::string> documents;  // ids of what was shown
  std::string subject;                 // of what changes something: a source and the snapshot that is confirmed
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // Any thread. A call whose line cannot be written is not answered: io_error, disk_full.
  virtual Status Append(const AuditEntry& entry) = 0;
};

// A file that is full is followed by the next one, on the same chain; of the old ones (audit.jsonl.1, ...) so many
// stay.
struct AuditLimits {
  uint64_t file_bytes = 256ull << 20;
  uint32_t old_files = 16;  // at least 1
  // Of the disk, for lines to come: on a full one so many are still taken, and their calls answered.
  uint64_t reserve_bytes = 16ull << 20;
};

struct AuditChain {
  uint64_t lines = 0;
  bool from_the_first = true;  // false: the oldest files are gone, as the limits have it
  std::string head;            // the hash of the last line: what the next one will name
};

class FileAuditLog final : public AuditLog {
 public:
  // Continues the chain of an existing file, reading only its end; a line that a crash tore is cut off. corrupt_store
  // where its last line is no line of ours, io_error.
  static Result<std::unique_ptr<FileAuditLog>> Open(const std::filesystem::path& file, AuditLimits limits = {});
  ~FileAuditLog() override;
  // A line that does not fit whole is taken back.
  Status Append(const AuditEntry& entry) override;
  // disk_full where the next line will hardly be taken: neither the disk nor what is set aside has room. Sets aside
  // what it can. Any thread.
  Status Check(Time now);

  // Walks the whole chain, through all files there are: where it ends, or corrupt_store with the number of the first
  // line that does not fit.
  static Result<AuditChain> Verify(const std::filesystem::path& file);

 private:
  FileAuditLog(std::filesystem::path path, AuditLimits limits) : path_(std::move(path)), limits_(limits) {}
  Status Continue();
  void RotateIfFull();
  void Reserve(Time now);
  Status Write(const std::string& line);

  const std::filesystem::path path_;
  const AuditLimits limits_;
  std::mutex mutex_;
  int file_ = -1;
  uint64_t size_ = 0;  // of whole lines
  bool torn_ = false;  // bytes of a failed line may lie behind them
  std::string previous_;
  uint64_t full_at_ = 0;
  uint64_t reserved_to_ = 0;
  Time reserve_at_{};             // not before, where the last try found no room
  bool told_of_reserve_ = false;  // that there is none
};

}  // namespace freshet::query
