#include "common/store/lexical_shelf.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <charconv>

#include "common/store/analyzer.h"
#include "common/store/lexical_buffer.h"
#include "common/store/lexical_directory.h"
#include "common/store/lexical_files.h"
// Of Lucene++, after its Lucene.h.
#include <IndexInput.h>
#include <IndexOutput.h>
#include <SegmentInfo.h>
#include <SegmentInfos.h>

namespace freshet::store {
namespace {

using Properties = Lucene::MapStringString;

constexpr std::string_view kCommitPrefix = "segments_";
constexpr std::string_view kSegmentSuffix = ".cfs";
constexpr size_t kLargestStep = 1 << 30;  // Lucene counts bytes in 32 bits

std::string AnalyzerName() { return std::to_string(kAnalyzerVersion) + "/" + std::to_string(kHeadingWeight); }

// The number behind a prefix, in Lucene's base 36.
std::optional<uint64_t> NumberBehind(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number, 36);
  if (error != std::errc() || end == name.data()) return std::nullopt;
  if (end != name.data() + name.size() && *end != '.' && *end != '_') return std::nullopt;
  return number;
}

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

Lucene::String FileOf(const ShelvedSegment& shelved) { return Widen(shelved.name + std::string(kSegmentSuffix)); }

// Lucene's own record of a segment.
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

// The other way. A number that is missing reads as 0, which no sum agrees with.
void FromRecord(const Lucene::SegmentInfoPtr& record, ShelvedSegment& shelved) {
  Properties properties = record->getDiagnostics();
  shelved.name = Narrow(record->name);
  shelved.body_bytes = GetNumber(properties, "body").value_or(0);
  shelved.positions_bytes = GetNumber(properties, "positions").value_or(0);
  shelved.body_sum = static_cast<uint32_t>(GetNumber(properties, "body_sum").value_or(0));
  shelved.positions_sum = static_cast<uint32_t>(GetNumber(properties, "positions_sum").value_or(0));
  shelved.deletions = GetNumber(properties, "deletions").value_or(0);
  shelved.dead_sum = static_cast<uint32_t>(GetNumber(properties, "dead_sum").value_or(0));
}

std::string ReadRange(const Lucene::DirectoryPtr& directory, const Lucene::String& file, uint64_t begin,
                      uint64_t size) {
  const Lucene::IndexInputPtr input = directory->openInput(file);
  if (static_cast<uint64_t>(input->length()) < begin + size) ThrowUnlessOk(Status(Code::kCorruptStore));
  std::string bytes(size, '\0');
  input->seek(static_cast<int64_t>(begin));
  for (uint64_t at = 0; at < size; at += kLargestStep) {
    const auto step = static_cast<int32_t>(std::min<uint64_t>(kLargestStep, size - at));
    input->readBytes(reinterpret_cast<uint8_t*>(bytes.data() + at), 0, step);
  }
  return bytes;
}

// Lucene checks the sum of a commit when it has read it all, and believes any length until then: so we look first.
Status CheckSum(const Lucene::DirectoryPtr& directory, const Lucene::String& file) {
  constexpr size_t kSumBytes = 8;
  const auto size = static_cast<uint64_t>(directory->fileLength(file));
  const std::string bytes = ReadRange(directory, file, 0, size);
  if (size < kSumBytes) return Status(Code::kCorruptStore, "size of a lexical commit");
  boost::crc_32_type sum;
  sum.process_bytes(bytes.data(), size - kSumBytes);
  LexicalByteReader stored(std::string_view(bytes).substr(size - kSumBytes));
  return stored.Big(kSumBytes) == sum.checksum() ? OkStatus() : Status(Code::kCorruptStore, "sum of a lexical commit");
}

}  // namespace

struct LexicalShelf::Lucene {
  ::Lucene::DirectoryPtr directory;
  ::Lucene::SegmentInfosPtr commits;  // the last one, as read or written
};

LexicalShelf::LexicalShelf(std::shared_ptr<void> directory) : lucene_(std::make_unique<Lucene>()) {
  lucene_->directory = *static_cast<::Lucene::DirectoryPtr*>(directory.get());
  lucene_->commits = ::Lucene::newLucene<::Lucene::SegmentInfos>();
}

LexicalShelf::~LexicalShelf() = default;

Result<LexicalContents> LexicalShelf::Load(uint64_t newest_commit) {
  std::vector<std::pair<uint64_t, std::string>> commits;
  FRESHET_RETURN_IF_ERROR(CatchLucene([&] {
    ::Lucene::HashSet<::Lucene::String> names = lucene_->directory->listAll();
    for (const ::Lucene::String& wide : names) {
      const std::string name = Narrow(wide);
      if (const auto number = NumberBehind(kCommitPrefix, name)) commits.emplace_back(*number, name);
      if (const auto number = NumberBehind("_", name)) next_name_ = std::max(next_name_, *number + 1);
    }
    return OkStatus();
  }));
  std::sort(commits.rbegin(), commits.rend());
  LexicalContents contents{.rebuilt = !commits.empty()};
  for (const auto& [number, file] : commits) {
    Result<LexicalContents> loaded = LoadCommit(file);
    if (!loaded.ok() && loaded.code() != Code::kCorruptStore) return loaded.status();
    if (!loaded.ok() || loaded->commit > newest_commit) continue;
    contents = std::move(*loaded);
    break;
  }
  if (contents.rebuilt) lucene_->commits = ::Lucene::newLucene<::Lucene::SegmentInfos>();
  RemoveUnused(contents.segments);
  return contents;
}

// Leaves the commit's record in lucene_->commits.
Result<LexicalContents> LexicalShelf::LoadCommit(const std::string& file) {
  LexicalContents contents;
  FRESHET_RETURN_IF_ERROR(CatchLucene([&] {
    FRESHET_RETURN_IF_ERROR(CheckSum(lucene_->directory, Widen(file)));
    lucene_->commits = ::Lucene::newLucene<::Lucene::SegmentInfos>();
    lucene_->commits->read(lucene_->directory, Widen(file));
    Properties properties = lucene_->commits->getUserData();
    const std::optional<uint64_t> commit = GetNumber(properties, "commit");
    if (!commit || Narrow(properties.get(L"analyzer")) != AnalyzerName()) return Status(Code::kCorruptStore, "commit");
    contents.commit = *commit;
    return OkStatus();
  }));
  for (size_t i = 0; i < static_cast<size_t>(lucene_->commits->size()); ++i) {
    FRESHET_ASSIGN_OR_RETURN(ShelvedSegment shelved, LoadSegment(i));
    contents.segments.push_back(std::move(shelved));
  }
  return contents;
}

Result<ShelvedSegment> LexicalShelf::LoadSegment(size_t index) {
  ShelvedSegment shelved;
  std::string body;
  std::string dead;
  const ::Lucene::SegmentInfoPtr record = lucene_->commits->info(static_cast<int32_t>(index));
  FRESHET_RETURN_IF_ERROR(CatchLucene([&] {
    FromRecord(record, shelved);
    body = ReadRange(lucene_->directory, FileOf(shelved), 0, shelved.body_bytes);
    if (shelved.deletions == 0) return OkStatus();
    const ::Lucene::String file = record->getDelFileName();
    dead = ReadRange(lucene_->directory, file, 0, static_cast<uint64_t>(lucene_->directory->fileLength(file)));
    return OkStatus();
  }));
  if (Crc32c(body) != shelved.body_sum || Crc32c(dead) != shelved.dead_sum) {
    return Status(Code::kCorruptStore, "sum of a lexical segment");
  }
  FRESHET_ASSIGN_OR_RETURN(shelved.segment, DecodeSegment(body));
  const size_t rows = shelved.segment->rows();
  if (rows != static_cast<size_t>(record->docCount) || rows == 0) {
    return Status(Code::kCorruptStore, "rows of a lexical segment");
  }
  if (shelved.deletions == 0) return shelved;
  FRESHET_ASSIGN_OR_RETURN(shelved.dead, DecodeDead(dead, rows));
  return shelved;
}

std::string LexicalShelf::TakeName() {
  std::array<char, 16> digits;
  const std::lock_guard lock(mutex_);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), next_name_++, 36).ptr;
  std::string name = "_" + std::string(digits.data(), end);
  unnamed_.insert(name + std::string(kSegmentSuffix));
  return name;
}

Result<ShelvedSegment> LexicalShelf::Write(std::shared_ptr<const LexicalSegment> segment, std::string_view positions) {
  ShelvedSegment shelved{.segment = std::move(segment), .name = TakeName()};
  const EncodedSegment encoded = EncodeSegment(*shelved.segment, shelved.name, positions);
  shelved.body_bytes = encoded.BodyBytes();
  shelved.body_sum = encoded.BodySum();
  shelved.positions_bytes = positions.size();
  shelved.positions_sum = Crc32c(positions);
  FRESHET_RETURN_IF_ERROR(WriteFile(Narrow(FileOf(shelved)), encoded.pieces()));
  return shelved;
}

// A new file, durable.
Status LexicalShelf::WriteFile(const std::string& name, std::span<const std::string_view> pieces) {
  return CatchLucene([&] {
    const ::Lucene::IndexOutputPtr output = lucene_->directory->createOutput(Widen(name));
    for (std::string_view piece : pieces) {
      while (!piece.empty()) {
        const size_t step = std::min(kLargestStep, piece.size());
        output->writeBytes(reinterpret_cast<const uint8_t*>(piece.data()), 0, static_cast<int32_t>(step));
        piece.remove_prefix(step);
      }
    }
    output->close();
    lucene_->directory->sync(Widen(name));
    return OkStatus();
  });
}

Result<std::string> LexicalShelf::ReadPositions(const ShelvedSegment& shelved) {
  std::string positions;
  FRESHET_RETURN_IF_ERROR(CatchLucene([&] {
    positions = ReadRange(lucene_->directory, FileOf(shelved), shelved.body_bytes, shelved.positions_bytes);
    return OkStatus();
  }));
  if (Crc32c(positions) != shelved.positions_sum) return Status(Code::kCorruptStore, "sum of a lexical segment");
  return positions;
}

Status LexicalShelf::Commit(std::span<ShelvedSegment> segments, uint64_t commit) {
  for (ShelvedSegment& shelved : segments) {
    if (shelved.dead_changed) FRESHET_RETURN_IF_ERROR(WriteDeletions(shelved));
  }
  FRESHET_RETURN_IF_ERROR(WriteCommit(segments, commit));
  RemoveUnused(segments);
  return OkStatus();
}

Status LexicalShelf::WriteDeletions(ShelvedSegment& shelved) {
  ++shelved.deletions;  // also where this fails: a name is never written twice
  const std::string bytes = EncodeDead(shelved.dead, shelved.segment->rows());
  shelved.dead_sum = Crc32c(bytes);
  const std::array<std::string_view, 1> pieces = {bytes};
  FRESHET_RETURN_IF_ERROR(WriteFile(Narrow(RecordOf(shelved, lucene_->directory)->getDelFileName()), pieces));
  shelved.dead_changed = false;
  return OkStatus();
}

Status LexicalShelf::WriteCommit(std::span<const ShelvedSegment> segments, uint64_t commit) {
  return CatchLucene([&] {
    ::Lucene::SegmentInfosPtr infos = lucene_->commits;
    infos->clear();
    for (const ShelvedSegment& shelved : segments) infos->add(RecordOf(shelved, lucene_->directory));
    infos->counter = static_cast<int32_t>(next_name_);
    Properties properties = Properties::newInstance();
    Put(properties, "commit", std::to_string(commit));
    Put(properties, "analyzer", AnalyzerName());
    infos->setUserData(properties);
    infos->commit(lucene_->directory);
    // Lucene++ takes a commit back that it could not sync, and says nothing.
    const ::Lucene::String file = infos->getCurrentSegmentFileName();
    if (!lucene_->directory->fileExists(file)) return Status(Code::kIoError, "lexical commit");
    return OkStatus();
  });
}

// What cannot be removed now is tried again after the next commit.
void LexicalShelf::RemoveUnused(std::span<const ShelvedSegment> segments) {
  std::set<std::string> used;
  for (const ShelvedSegment& shelved : segments) {
    used.insert(Narrow(FileOf(shelved)));
    if (shelved.deletions > 0) used.insert(Narrow(RecordOf(shelved, lucene_->directory)->getDelFileName()));
  }
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(unnamed_, [&](const std::string& name) { return used.contains(name); });
    used.insert(unnamed_.begin(), unnamed_.end());
  }
  const Status listed = CatchLucene([&] {
    used.insert(Narrow(lucene_->commits->getCurrentSegmentFileName()));
    ::Lucene::HashSet<::Lucene::String> names = lucene_->directory->listAll();
    for (const ::Lucene::String& name : names) {
      if (used.contains(Narrow(name))) continue;
      const Status removed = CatchLucene([&] {
        lucene_->directory->deleteFile(name);
        return OkStatus();
      });
      if (!removed.ok()) continue;
    }
    return OkStatus();
  });
  (void)listed;
}

uint64_t LexicalShelf::BytesOnDisk() const {
  uint64_t bytes = 0;
  const Status counted = CatchLucene([&] {
    ::Lucene::HashSet<::Lucene::String> names = lucene_->directory->listAll();
    for (const ::Lucene::String& name : names) bytes += static_cast<uint64_t>(lucene_->directory->fileLength(name));
    return OkStatus();
  });
  return counted.ok() ? bytes : 0;
}

}  // namespace freshet::store
