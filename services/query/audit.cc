#include "services/query/audit.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "common/base/bytes.h"
#include "common/telemetry/log.h"
#include "services/query/audit_files.h"

namespace freshet::query {
namespace {

constexpr size_t kTailBlock = 64 << 10;
constexpr Duration kReserveEvery = std::chrono::seconds(1);
constexpr uint64_t kRoomForLines = 64 << 10;

std::string HashLine(std::string_view line) {
  char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(line.data()), line.size(), reinterpret_cast<uint8_t*>(digest));
  return ToHex({digest, sizeof digest});
}

std::string Genesis() { return std::string(2 * SHA256_DIGEST_LENGTH, '0'); }

// The hash that a line names; nothing where it is no line of an audit log.
std::optional<std::string> PreviousOf(std::string_view line) {
  const auto entry = nlohmann::json::parse(line, nullptr, false);
  if (!entry.is_object()) return std::nullopt;
  const auto previous = entry.find("previous");
  if (previous == entry.end() || !previous->is_string()) return std::nullopt;
  std::string hash = previous->get<std::string>();
  if (hash.size() != Genesis().size()) return std::nullopt;
  return hash;
}

// The end of a file: its last whole line without the line feed, and how many bytes lie up to there.
struct Tail {
  std::string line;
  uint64_t whole = 0;
  bool first = false;  // no line lies before it
};

Result<Tail> ReadTail(int file, uint64_t size) {
  std::string bytes;
  for (uint64_t at = size; at > 0;) {
    const uint64_t count = std::min<uint64_t>(kTailBlock, at);
    at -= count;
    std::string block(count, '\0');
    if (::pread(file, block.data(), count, static_cast<off_t>(at)) != static_cast<ssize_t>(count)) {
      return Status(Code::kIoError, "the audit log cannot be read");
    }
    bytes.insert(0, block);
    const size_t end = bytes.rfind('\n');
    if (end == bytes.npos) continue;
    const size_t before = end == 0 ? bytes.npos : bytes.rfind('\n', end - 1);
    if (before == bytes.npos && at > 0) continue;
    const size_t begin = before == bytes.npos ? 0 : before + 1;
    return Tail{bytes.substr(begin, end - begin), at + end + 1, before == bytes.npos};
  }
  return Tail{};
}

// A device has no lines to continue.
Result<uint64_t> SizeOf(int file) {
  struct stat found {};
  if (::fstat(file, &found) != 0) return Status(Code::kIoError, "the audit log cannot be read");
  return S_ISREG(found.st_mode) ? static_cast<uint64_t>(found.st_size) : 0;
}

// What the first line of the file names: the last one of the file before it.
Result<std::string> HeadBefore(const std::filesystem::path& file) {
  const auto files = AuditFiles(file);
  if (files.size() < 2) return Genesis();
  const int before = ::open(files[files.size() - 2].c_str(), O_RDONLY | O_CLOEXEC);
  if (before < 0) return Status(Code::kIoError, "the audit log cannot be read");
  const Result<uint64_t> size = SizeOf(before);
  const Result<Tail> tail = size.ok() ? ReadTail(before, *size) : Result<Tail>(size.status());
  ::close(before);
  if (!tail.ok()) return tail.status();
  return tail->whole == 0 ? Genesis() : HashLine(tail->line);
}

Status WriteFailed(int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return Status(full ? Code::kDiskFull : Code::kIoError, "the audit log takes no line");
}

}  // namespace

Result<std::unique_ptr<FileAuditLog>> FileAuditLog::Open(const std::filesystem::path& file, AuditLimits limits) {
  auto log = std::unique_ptr<FileAuditLog>(new FileAuditLog(file, limits));
  log->file_ = OpenAuditFile(file);
  if (log->file_ < 0) return Status(Code::kIoError, "the audit log cannot be opened");
  FRESHET_RETURN_IF_ERROR(log->Continue());
  // Before there is a reserve, which would go with it.
  if (log->torn_) log->torn_ = ::ftruncate(log->file_, static_cast<off_t>(log->size_)) != 0;
  log->Reserve({});
  log->full_at_ = limits.file_bytes;
  return log;
}

FileAuditLog::~FileAuditLog() {
  if (file_ >= 0) ::close(file_);
}

Status FileAuditLog::Continue() {
  FRESHET_ASSIGN_OR_RETURN(const uint64_t size, SizeOf(file_));
  FRESHET_ASSIGN_OR_RETURN(const Tail tail, ReadTail(file_, size));
  size_ = tail.whole;
  torn_ = size > size_;
  FRESHET_ASSIGN_OR_RETURN(const std::string before, HeadBefore(path_));
  if (tail.whole == 0) {
    previous_ = before;
    return OkStatus();
  }
  const std::optional<std::string> named = PreviousOf(tail.line);
  if (!named || (tail.first && *named != before)) {
    return Status(Code::kCorruptStore, "the audit log does not end with a line of an audit log");
  }
  previous_ = HashLine(tail.line);
  return OkStatus();
}

// Where there can be no next file, or it could not have its reserve, this one grows: a call that cannot be audited
// would not be answered.
void FileAuditLog::RotateIfFull() {
  if (size_ < full_at_ || torn_) return;
  std::error_code ignored;
  Result<int> next = Status(Code::kIoError, "the audit log is no file");
  if (std::filesystem::is_regular_file(path_, ignored)) {
    const bool room = std::filesystem::space(path_, ignored).available > limits_.reserve_bytes;
    next = room ? RotateAuditFiles(path_, std::max(limits_.old_files, 1u)) : Result<int>(Status(Code::kDiskFull));
  }
  if (!next.ok()) {
    Log(LogLevel::kWarning, "Audit log grows beyond its limit.", {{"error", next.status()}});
    full_at_ = size_ + limits_.file_bytes;
    return;
  }
  ReleaseAuditBytes(file_, size_);
  ::close(file_);
  file_ = *next;
  size_ = reserved_to_ = 0;
  full_at_ = limits_.file_bytes;
}

// Anew when half of it is used, and while there is no room for it once a second.
void FileAuditLog::Reserve(Time now) {
  if (reserved_to_ >= size_ + limits_.reserve_bytes / 2 || !IsDue(reserve_at_, now, kReserveEvery)) return;
  // Where it was cut off, others may have taken some of it: then what is left.
  const uint64_t least = limits_.reserve_bytes / 16;
  uint64_t bytes = limits_.reserve_bytes;
  while (bytes > least && !ReserveAuditBytes(file_, size_, bytes)) bytes -= std::max<uint64_t>(bytes / 16, 1);
  const bool reserved = bytes > least;
  if (reserved) reserved_to_ = size_ + bytes;
  const bool none_left = !reserved && reserved_to_ <= size_;
  std::error_code ignored;
  if (none_left && !std::exchange(told_of_reserve_, true) && std::filesystem::is_regular_file(path_, ignored)) {
    Log(LogLevel::kWarning, "Audit log has no room in reserve: on a full disk calls would not be answered.");
  }
  if (reserved) told_of_reserve_ = false;
  reserve_at_ = now + kReserveEvery;
}

// What a process before this one set aside counts too: it is the file's.
Status FileAuditLog::Check(Time now) {
  std::lock_guard lock(mutex_);
  Reserve(now);
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(path_, error);
  if (!is_file || AllocatedAuditBytes(file_) >= size_ + kRoomForLines) return OkStatus();
  const auto room = std::filesystem::space(path_, error).available;
  return error || room >= kRoomForLines ? OkStatus() : WriteFailed(ENOSPC);
}

Status FileAuditLog::Append(const AuditEntry& entry) {
  std::lock_guard lock(mutex_);
  RotateIfFull();
  Reserve(entry.at);
  nlohmann::json object = {{"at", FormatTime(entry.at)}, {"user", entry.user},         {"action", entry.action},
                           {"outcome", entry.outcome},   {"trace_id", entry.trace_id}, {"documents", entry.documents},
                           {"previous", previous_}};
  if (!entry.subject.empty()) object["subject"] = entry.subject;
  const std::string line = object.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  FRESHET_RETURN_IF_ERROR(Write(line + '\n'));
  previous_ = HashLine(line);
  return OkStatus();
}

Status FileAuditLog::Write(const std::string& line) {
  if (torn_ && ::ftruncate(file_, static_cast<off_t>(size_)) != 0) return WriteFailed(errno);
  if (torn_) reserved_to_ = 0;  // cut off too
  torn_ = true;
  for (size_t written = 0; written < line.size();) {
    const ssize_t more = ::write(file_, line.data() + written, line.size() - written);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) {
      const int error = errno;
      torn_ = ::ftruncate(file_, static_cast<off_t>(size_)) != 0;
      reserved_to_ = 0;
      return WriteFailed(error);
    }
    written += static_cast<size_t>(more);
  }
  torn_ = false;
  size_ += line.size();
  return OkStatus();
}

Result<AuditChain> FileAuditLog::Verify(const std::filesystem::path& file) {
  AuditChain chain{.head = Genesis()};
  const auto files = AuditFiles(file);
  for (const std::filesystem::path& each : files) {
    std::ifstream in(each, std::ios::binary);
    if (!in) return Status(Code::kIoError, "the audit log cannot be read");
    for (std::string line; std::getline(in, line);) {
      if (in.eof()) break;  // torn by a crash: no line
      const std::optional<std::string> previous = PreviousOf(line);
      const bool oldest_is_gone = chain.lines == 0 && files.size() > 1 && previous && previous != chain.head;
      if (oldest_is_gone) chain.from_the_first = false;
      if (previous != chain.head && !oldest_is_gone) {
        return Status(Code::kCorruptStore,
                      "audit log line " + std::to_string(chain.lines + 1) + " does not follow the one before");
      }
      chain.head = HashLine(line);
      ++chain.lines;
    }
  }
  return chain;
}

}  // namespace freshet::query
