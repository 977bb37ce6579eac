#include "common/store/lexical_records.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <charconv>

#include "common/store/analyzer.h"
#include "common/store/lexical_buffer.h"
// Of Lucene++, after its Lucene.h.
#include <IndexInput.h>

namespace freshet::store {
namespace {

using Properties = Lucene::MapStringString;

std::string AnalyzerName() { return std::to_string(kAnalyzerVersion) + "/" + std::to_string(kHeadingWeight); }

void Put(Properties& properties, std::string_view key, const std::string& value) {
  properties.put(Widen(key), Widen(value));
}

std::optional<uint64_t> GetNumber(Properties& properties, std::string_view key) {
  const std::string text = Narrow(properties.get(Widen(key)));
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<uint64_t> NumberBehind(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number, 36);
  if (error != std::errc() || end == name.data()) return std::nullopt;
  if (end != name.data() + name.size() && *end != '.' && *end != '_') return std::nullopt;
  return number;
}

Properties CommitData(uint64_t commit) {
  Properties data = Properties::newInstance();
  Put(data, "commit", std::to_string(commit));
  Put(data, "analyzer", AnalyzerName());
  return data;
}

std::optional<uint64_t> CommitIn(Properties data) {
  if (Narrow(data.get(L"analyzer")) != AnalyzerName()) return std::nullopt;
  return GetNumber(data, "commit");
}

std::string FileOf(const ShelvedSegment& shelved) { return shelved.name + std::string(kSegmentSuffix); }

Lucene::SegmentInfoPtr RecordOf(const ShelvedSegment& shelved, const Lucene::DirectoryPtr& directory) {
  const auto rows = static_cast<int32_t>(shelved.segment->rows());
  auto record = Lucene::newLucene<Lucene::SegmentInfo>(Widen(shelved.name), rows, directory, true, true);
  for (uint64_t i = 0; i < shelved.deletions; ++i) record->advanceDelGen();
  record->setDelCount(static_cast<int32_t>(shelved.dead.cardinality()));
  Properties properties = Properties::newInstance();
  Put(properties, "body", std::to_string(shelved.body_bytes));
  Put(properties, "positions", std::to_string(shelved.positions_bytes));
  Put(properties, "body_sum", std::to_string(shelved.body_sum));
  Put(properties, "positions_sum", std::to_string(shelved.positions_sum));
  Put(properties, "deletions", std::to_string(shelved.deletions));
  Put(properties, "dead_sum", std::to_string(shelved.dead_sum));
  record->setDiagnostics(properties);
  return record;
}

ShelvedSegment FromRecord(const Lucene::SegmentInfoPtr& record) {
  Properties properties = record->getDiagnostics();
  const auto number = [&](std::string_view key) { return GetNumber(properties, key).value_or(0); };
  return {.segment = nullptr,
          .name = Narrow(record->name),
          .body_bytes = number("body"),
          .positions_bytes = number("positions"),
          .body_sum = static_cast<uint32_t>(number("body_sum")),
          .positions_sum = static_cast<uint32_t>(number("positions_sum")),
          .deletions = number("deletions"),
          .dead_sum = static_cast<uint32_t>(number("dead_sum")),
          .dead = {}};
}

std::string ReadRange(const Lucene::DirectoryPtr& directory, const std::string& file, uint64_t begin, uint64_t size) {
  const Lucene::IndexInputPtr input = directory->openInput(Widen(file));
  if (static_cast<uint64_t>(input->length()) < begin + size) ThrowUnlessOk(Status(Code::kCorruptStore));
  std::string bytes(size, '\0');
  input->seek(static_cast<int64_t>(begin));
  for (uint64_t at = 0; at < size; at += kLargestStep) {
    const auto step = static_cast<int32_t>(std::min<uint64_t>(kLargestStep, size - at));
    input->readBytes(reinterpret_cast<uint8_t*>(bytes.data() + at), 0, step);
  }
  return bytes;
}

Status CheckCommitSum(const Lucene::DirectoryPtr& directory, const std::string& file) {
  constexpr size_t kSumBytes = 8;
  const auto size = static_cast<uint64_t>(directory->fileLength(Widen(file)));
  const std::string bytes = ReadRange(directory, file, 0, size);
  if (size < kSumBytes) return Status(Code::kCorruptStore, "size of a lexical commit");
  boost::crc_32_type sum;
  sum.process_bytes(bytes.data(), size - kSumBytes);
  LexicalByteReader stored(std::string_view(bytes).substr(size - kSumBytes));
  return stored.Big(kSumBytes) == sum.checksum() ? OkStatus() : Status(Code::kCorruptStore, "sum of a lexical commit");
}

}  // namespace freshet::store
