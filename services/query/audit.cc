#include "services/query/audit.h"

#include <openssl/sha.h>

#include <nlohmann/json.hpp>

#include "common/base/bytes.h"

namespace freshet::query {
namespace {

std::string HashLine(const std::string& line) {
  char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(line.data()), line.size(), reinterpret_cast<uint8_t*>(digest));
  return ToHex({digest, sizeof digest});
}

std::string Genesis() { return std::string(2 * SHA256_DIGEST_LENGTH, '0'); }

// Goes through the lines; the hash that the next one must name, or where the chain breaks. A torn last line, as a crash
// leaves it, is no line: `good_bytes` ends before it.
Result<std::string> Walk(const std::filesystem::path& file, uint64_t& good_bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string previous = Genesis(), line;
  good_bytes = 0;
  for (uint64_t number = 1; std::getline(in, line); ++number) {
    if (in.eof()) break;
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || entry.value("previous", "") != previous) {
      return Status(Code::kCorruptStore,
                    "audit log line " + std::to_string(number) + " does not follow the one before");
    }
    previous = HashLine(line);
    good_bytes += line.size() + 1;
  }
  return previous;
}

}  // namespace

Result<std::unique_ptr<FileAuditLog>> FileAuditLog::Open(const std::filesystem::path& file) {
  auto log = std::unique_ptr<FileAuditLog>(new FileAuditLog);
  uint64_t good_bytes = 0;
  FRESHET_ASSIGN_OR_RETURN(log->previous_, Walk(file, good_bytes));
  std::error_code error;
  if (std::filesystem::exists(file, error)) std::filesystem::resize_file(file, good_bytes, error);
  log->out_.open(file, std::ios::app | std::ios::binary);
  if (error || !log->out_) return Status(Code::kIoError, "the audit log cannot be opened");
  return log;
}

Status FileAuditLog::Append(const AuditEntry& entry) {
  std::lock_guard lock(mutex_);
  const nlohmann::json object = {{"at", FormatTime(entry.at)}, {"user", entry.user},
                                 {"action", entry.action},     {"outcome", entry.outcome},
                                 {"trace_id", entry.trace_id}, {"documents", entry.documents},
                                 {"previous", previous_}};
  const std::string line = object.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  out_ << line << '\n' << std::flush;
  if (!out_) {
    out_.clear();
    return Status(Code::kIoError, "the audit log takes no line");
  }
  previous_ = HashLine(line);
  return OkStatus();
}

Status FileAuditLog::Verify(const std::filesystem::path& file) {
  uint64_t good_bytes = 0;
  return Walk(file, good_bytes).status();
}

}  // namespace freshet::query
