// The files of an audit log that is bounded: "audit.jsonl" takes lines, "audit.jsonl.1" is the one before it, and so
// on. The chain of lines goes on from file to file. Internal to audit.cc.
//
//   Result<int> next = RotateAuditFiles(file, keep);       // the empty file that takes lines from now on, open
#pragma once

#include <filesystem>
#include <vector>

#include "common/base/status.h"

namespace freshet::query {

// Those that are there, oldest first; `file` itself is the last, whether it is there or not.
std::vector<std::filesystem::path> AuditFiles(const std::filesystem::path& file);

// Moves each file on by one; of the old ones the newest `keep` stay. io_error, disk_full: nothing has changed, or the
// lines that would have come next go where they went before.
Result<int> RotateAuditFiles(const std::filesystem::path& file, uint32_t keep);

// Takes the disk's blocks for so many bytes behind `size`, which the file does not grow by; false where there is no
// room or the file system cannot do that. Those of the file before are given back by ReleaseAuditBytes.
bool ReserveAuditBytes(int file, uint64_t size, uint64_t bytes);
void ReleaseAuditBytes(int file, uint64_t size);
// Of the disk, what the file has: its lines, and what is set aside behind them.
uint64_t AllocatedAuditBytes(int file);

// Opens, or creates, a file for lines.
int OpenAuditFile(const std::filesystem::path& file);

}  // namespace freshet::query
