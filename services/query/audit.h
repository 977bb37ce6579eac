// AuditLog: one line a call, each bound to all before it, so that a line changed or taken out shows.
//
//   audit.Append({.user = "ada", .action = "search", .outcome = "ok", .trace_id = ...});
//
// Line := JSON object with "previous", the SHA-256 of the line before (64 zeros in the first), and no content: neither
// question nor answer, but who, what, when, how much, and which documents' ids were shown.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::query {

struct AuditEntry {
  Time at;
  std::string user;
  std::string action;   // "search", "lineage", ...
  std::string outcome;  // a name of the code table
  std::string trace_id;
  std::vector<std::string> documents;  // ids of what was shown
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // Any thread. A call whose line cannot be written is not answered: io_error, disk_full.
  virtual Status Append(const AuditEntry& entry) = 0;
};

class FileAuditLog final : public AuditLog {
 public:
  // Continues the chain of an existing file; corrupt_store where its last line is no line of ours.
  static Result<std::unique_ptr<FileAuditLog>> Open(const std::filesystem::path& file);
  Status Append(const AuditEntry& entry) override;

  // Walks the whole chain: ok, or corrupt_store with the number of the first line that does not fit.
  static Status Verify(const std::filesystem::path& file);

 private:
  FileAuditLog() = default;
  std::mutex mutex_;
  std::ofstream out_;
  std::string previous_;
};

}  // namespace freshet::query
