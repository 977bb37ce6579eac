#include "connectors/postgres/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/bytes.h"

namespace freshet::postgres {
namespace {

constexpr std::string_view kContext = "spool";

Status WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Status(errno == ENOSPC ? Code::kDiskFull : Code::kIoError, "A transaction's file");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return OkStatus();
}

Status ReadExactly(int file, uint64_t at, std::string& out) {
  for (size_t done = 0; done < out.size();) {
    const ssize_t count = pread(file, out.data() + done, out.size() - done, static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Status(Code::kIoError, "A transaction's file");
    done += static_cast<size_t>(count);
  }
  return OkStatus();
}

}  // namespace

Spool::~Spool() {
  if (file_ >= 0) close(file_);
}

Status Spool::Append(uint32_t subtransaction, std::string_view message) {
  AppendBig32(block_, subtransaction);
  AppendBig32(block_, static_cast<uint32_t>(message.size()));
  block_.append(message);
  return block_.size() < memory_ ? OkStatus() : Flush();
}

Status Spool::Flush() {
  if (file_ < 0) {
    crypto::RandomBytes(key_.bytes());
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    file_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file_ < 0) return Status(Code::kIoError, "The temporary directory takes no file without a name");
  }
  std::string sealed;
  crypto::AppendSealed(key_, block_, kContext, sealed);
  std::string record;
  AppendBig32(record, static_cast<uint32_t>(sealed.size()));
  record += sealed;
  FRESHET_RETURN_IF_ERROR(WriteAll(file_, record));
  on_disk_ += record.size();
  block_.clear();
  return OkStatus();
}

Result<bool> Spool::NextBlock() {
  at_ = 0;
  if (read_ >= on_disk_) {
    plain_ = std::exchange(block_, {});
    return !std::exchange(last_block_, true);
  }
  std::string size_bytes(4, '\0');
  FRESHET_RETURN_IF_ERROR(ReadExactly(file_, read_, size_bytes));
  uint32_t size = 0;
  if (!ByteReader(size_bytes).Big32(size)) return Status(Code::kIoError, "A transaction's file");
  std::string sealed(size, '\0');
  FRESHET_RETURN_IF_ERROR(ReadExactly(file_, read_ + 4, sealed));
  if (!crypto::OpenSealed(key_, sealed, kContext, plain_)) return Status(Code::kIoError, "A transaction's file");
  read_ += 4 + size;
  return true;
}

Result<bool> Spool::Next(std::string_view& message) {
  while (true) {
    ByteReader reader(std::string_view(plain_).substr(at_));
    uint32_t subtransaction = 0, size = 0;
    if (!reader.Big32(subtransaction) || !reader.Big32(size) || !reader.Bytes(size, message)) {
      FRESHET_ASSIGN_OR_RETURN(const bool more, NextBlock());
      if (!more) return false;
      continue;
    }
    at_ += 8 + size;
    if (!undone_.contains(subtransaction)) return true;
  }
}

}  // namespace freshet::postgres
