#include "connectors/position_topic.h"

#include "common/base/bytes.h"
#include "common/telemetry/log.h"
#include "schemas/topics.h"

namespace freshet {
namespace {

constexpr std::string_view kFence = "fence";
constexpr log::PollLimits kLimits{.max_records = 4096, .max_bytes = 4u << 20};
constexpr Duration kLongestWait = std::chrono::milliseconds(100);

std::string PrefixOf(const NativeNames::Options& names) {
  return RecordKey(Origin{.source = names.source, .collection = names.collection});
}

std::string ContextOf(std::string_view row_key) { return "position/" + std::string(row_key); }

}  // namespace

PositionTopic::PositionTopic(Parts parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      topic_(TopicName(options_.names.tenant, Topic::kPositions)),
      prefix_(PrefixOf(options_.names)),
      naming_((options_.names.opaque ? "opaque/" : "native/") + options_.names.policy) {}

log::NewRecord PositionTopic::RecordOf(std::string row_key, std::optional<std::string> value) const {
  const Partition partition = PartitionFor(row_key, options_.partitions);
  return {.topic = topic_, .partition = partition, .key = std::move(row_key), .value = std::move(value)};
}

Status PositionTopic::Save(const Changes& changes) {
  for (const auto& [key, value] : changes) {
    std::string row_key = prefix_ + parts_.names.PositionKey(key);
    std::optional<std::string> sealed;
    if (value) {
      std::string plain;
      AppendText(plain, naming_);
      AppendText(plain, key);
      sealed = parts_.keys.SealPayload(plain.append(*value), ContextOf(row_key));
    }
    FRESHET_RETURN_IF_ERROR(parts_.writer.Add(RecordOf(std::move(row_key), std::move(sealed))));
  }
  return parts_.writer.Finish().status();
}

Result<PositionTopic::Positions> PositionTopic::Load() {
  FRESHET_ASSIGN_OR_RETURN(const std::vector<Offset> fences, AppendFences());
  FRESHET_ASSIGN_OR_RETURN(auto rows, ReadRows(fences));
  Positions positions;
  for (auto& [row_key, row] : rows) {
    if (row.foreign) {
      FRESHET_RETURN_IF_ERROR(parts_.writer.Add(RecordOf(row_key, std::nullopt)));
    } else {
      positions.emplace(std::move(row.key), std::move(row.value));
    }
  }
  FRESHET_RETURN_IF_ERROR(parts_.writer.Finish().status());
  return positions;
}

Result<std::vector<Offset>> PositionTopic::AppendFences() {
  for (uint32_t i = 0; i < options_.partitions; ++i) {
    log::NewRecord fence = RecordOf(prefix_ + std::string(kFence), "-");
    fence.partition = Partition(i);
    FRESHET_RETURN_IF_ERROR(parts_.writer.Add(std::move(fence)));
  }
  return parts_.writer.Finish();
}

Result<std::map<std::string, PositionTopic::Row>> PositionTopic::ReadRows(const std::vector<Offset>& fences) {
  std::vector<std::pair<log::TopicPartition, Offset>> starts;
  for (uint32_t i = 0; i < options_.partitions; ++i) {
    const log::TopicPartition partition{topic_, Partition(i)};
    FRESHET_ASSIGN_OR_RETURN(const log::OffsetRange range,
                             parts_.writer.UntilDone([&] { return parts_.log.Range(partition); }));
    starts.emplace_back(partition, range.first);
  }
  Waker waker;
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<log::Consumer> consumer,
                           parts_.writer.UntilDone([&] { return parts_.log.Assign(starts, &waker); }));
  std::map<std::string, Row> rows;
  std::vector<bool> done(options_.partitions);
  while (std::find(done.begin(), done.end(), false) != done.end()) {
    FRESHET_ASSIGN_OR_RETURN(const log::Polled polled,
                             parts_.writer.UntilDone([&] { return consumer->Poll(kLimits); }));
    for (const log::Delivered& record : polled.records) {
      FRESHET_RETURN_IF_ERROR(TakeRow(record, rows));
      if (record.offset >= fences.at(record.partition.value)) done.at(record.partition.value) = true;
    }
    if (polled.records.empty()) waker.Wait(kLongestWait);
    if (parts_.writer.stopped()) return Status(Code::kUnavailable, "Stopped");
  }
  return rows;
}

Status PositionTopic::TakeRow(const log::Delivered& record, std::map<std::string, Row>& rows) const {
  if (!record.key.starts_with(prefix_) || record.key.substr(prefix_.size()) == kFence) return OkStatus();
  if (!record.value) {
    rows.erase(record.key);
    return OkStatus();
  }
  Result<Row> row = Open(record.key, *record.value);
  // What cannot be read is as good as none: it is published again. A key that is missing is an operator's matter.
  if (!row.ok() && row.code() != Code::kKeyMissing) {
    Log(LogLevel::kWarning, "Position dropped.", {{"source", options_.names.source}, {"error", row.status()}});
    row = Row{.foreign = true};
  }
  FRESHET_ASSIGN_OR_RETURN(rows[record.key], std::move(row));
  return OkStatus();
}

Result<PositionTopic::Row> PositionTopic::Open(std::string_view row_key, std::string_view value) const {
  FRESHET_ASSIGN_OR_RETURN(const std::string plain, parts_.keys.OpenPayload(value, ContextOf(row_key)));
  ByteReader reader(plain);
  std::string naming;
  Row row;
  if (!reader.Text(naming) || !reader.Text(row.key)) return Status(Code::kCorruptRecord, "A row of positions");
  row.value = reader.rest();
  row.foreign = naming != naming_;
  return row;
}

}  // namespace freshet
