#include "services/query/audit_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace freshet::query {
namespace {

std::filesystem::path OldFile(const std::filesystem::path& file, size_t number) {
  return file.string() + "." + std::to_string(number);
}

}  // namespace

std::vector<std::filesystem::path> AuditFiles(const std::filesystem::path& file) {
  std::vector<std::filesystem::path> files = {file};
  std::error_code ignored;
  for (size_t number = 1; std::filesystem::exists(OldFile(file, number), ignored); ++number) {
    files.push_back(OldFile(file, number));
  }
  std::reverse(files.begin(), files.end());
  return files;
}

int OpenAuditFile(const std::filesystem::path& file) {
  return ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

bool ReserveAuditBytes(int file, uint64_t size, uint64_t bytes) {
  return ::fallocate(file, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(size), static_cast<off_t>(bytes)) == 0;
}

uint64_t AllocatedAuditBytes(int file) {
  struct stat found {};
  return ::fstat(file, &found) == 0 ? static_cast<uint64_t>(found.st_blocks) * 512 : 0;
}

// Blocks behind the end go when a file is cut to where it ends.
void ReleaseAuditBytes(int file, uint64_t size) { (void)!::ftruncate(file, static_cast<off_t>(size)); }

Result<int> RotateAuditFiles(const std::filesystem::path& file, uint32_t keep) {
  const std::filesystem::path fresh = file.string() + ".new";
  std::error_code error;
  std::filesystem::remove(fresh, error);
  const int opened = OpenAuditFile(fresh);
  if (opened < 0) return Status(Code::kIoError, "the next file of the audit log cannot be made");
  const size_t old = AuditFiles(file).size() - 1;
  for (size_t number = old; number >= keep && number > 0; --number)
    std::filesystem::remove(OldFile(file, number), error);
  for (size_t number = std::min<size_t>(old, keep - 1); number > 0 && !error; --number) {
    std::filesystem::rename(OldFile(file, number), OldFile(file, number + 1), error);
  }
  if (!error) std::filesystem::rename(file, OldFile(file, 1), error);
  if (!error) std::filesystem::rename(fresh, file, error);
  if (!error) return opened;
  ::close(opened);
  return Status(Code::kIoError, "the files of the audit log cannot be renamed");
}

}  // namespace freshet::query
