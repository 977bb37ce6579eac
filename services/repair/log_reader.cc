#include "services/repair/log_reader.h"

#include <thread>

#include "common/log/bulk.h"

namespace freshet::repair {
namespace {

constexpr auto kPause = std::chrono::milliseconds(2);  // between two looks at a log over a network
constexpr Duration kOneLimit = std::chrono::seconds(10);

// Until `visit` says false, or everything has been given.
Status Read(log::Consumer& consumer, const std::function<Result<bool>(const log::Delivered&)>& visit, Duration limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    FRESHET_ASSIGN_OR_RETURN(const log::Polled polled, consumer.Poll({}));
    for (const log::Delivered& record : polled.records) {
      FRESHET_ASSIGN_OR_RETURN(const bool more, visit(record));
      if (!more) return OkStatus();
    }
    if (consumer.AtEnd()) return OkStatus();
    if (polled.records.empty()) std::this_thread::sleep_for(kPause);
  }
  return Status(Code::kTimeout, "the log does not give its records in time");
}

}  // namespace

Status ReadAll(log::Log& log, std::span<const log::TopicPartition> partitions, const Visit& visit, Duration limit) {
  FRESHET_ASSIGN_OR_RETURN(const log::Ranges ranges, log::RangesOf(log, partitions));
  std::vector<std::pair<log::TopicPartition, Offset>> starts;
  for (const auto& [partition, range] : ranges) {
    if (range.first < range.end) starts.emplace_back(partition, range.first);
  }
  if (starts.empty()) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(const auto consumer, log.Assign(std::move(starts), nullptr));
  const auto take = [&](const log::Delivered& record) -> Result<bool> {
    FRESHET_RETURN_IF_ERROR(visit(record));
    return true;
  };
  return Read(*consumer, take, limit);
}

Result<std::optional<log::Delivered>> ReadOne(log::Log& log, const log::TopicPartition& partition, Offset offset) {
  FRESHET_ASSIGN_OR_RETURN(const log::OffsetRange range, log.Range(partition));
  std::optional<log::Delivered> found;
  if (offset < range.first || offset >= range.end) return found;
  FRESHET_ASSIGN_OR_RETURN(const auto consumer, log.Assign({{partition, offset}}, nullptr));
  const auto take = [&](const log::Delivered& record) -> Result<bool> {
    if (record.offset == offset) found = record;
    return false;
  };
  FRESHET_RETURN_IF_ERROR(Read(*consumer, take, kOneLimit));
  return found;
}

}  // namespace freshet::repair
