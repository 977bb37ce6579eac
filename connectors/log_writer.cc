#include "connectors/log_writer.h"

namespace freshet {
namespace {

size_t BytesOf(const log::NewRecord& record) { return record.key.size() + (record.value ? record.value->size() : 0); }

}  // namespace

Status LogWriter::Add(log::NewRecord record) {
  const size_t bytes = BytesOf(record);
  if (!batch_.empty() && bytes_ + bytes > options_.append_bytes) FRESHET_RETURN_IF_ERROR(Append());
  bytes_ += bytes;
  batch_.push_back(std::move(record));
  const bool full = bytes_ >= options_.append_bytes || batch_.size() >= options_.append_records;
  return full ? Append() : OkStatus();
}

Result<std::vector<Offset>> LogWriter::Finish() {
  if (!batch_.empty()) FRESHET_RETURN_IF_ERROR(Append());
  return std::exchange(offsets_, {});
}

Status LogWriter::Append() {
  const std::vector<log::NewRecord> batch = std::exchange(batch_, {});
  bytes_ = 0;
  Result<std::vector<Offset>> offsets = UntilDone([&] { return parts_.log.Append(batch); });
  if (!offsets.ok()) {
    Forget();
    return offsets.status();
  }
  offsets_.insert(offsets_.end(), offsets->begin(), offsets->end());
  return OkStatus();
}

void LogWriter::Forget() {
  batch_.clear();
  bytes_ = 0;
  offsets_.clear();
}

bool LogWriter::WaitAfter(Code code) {
  if (DispositionOf(code) != Disposition::kRetry) return false;
  retries_.fetch_add(1, std::memory_order_relaxed);
  parts_.stop.Sleep(backoff_.Next());
  return true;
}

}  // namespace freshet
