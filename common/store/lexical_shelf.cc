#include "common/store/lexical_shelf.h"

#include <algorithm>
#include <charconv>

#include "common/store/lexical_directory.h"
#include "common/store/lexical_files.h"
#include "common/store/lexical_records.h"
// Of Lucene++, after its Lucene.h.
#include <IndexOutput.h>

namespace freshet::store {

LexicalShelf::LexicalShelf(std::shared_ptr<void> directory) : lucene_(std::make_unique<Lucene>()) {
  lucene_->directory = *static_cast<::Lucene::DirectoryPtr*>(directory.get());
  lucene_->commits = ::Lucene::newLucene<::Lucene::SegmentInfos>();
}

LexicalShelf::~LexicalShelf() = default;

std::string LexicalShelf::TakeName() {
  std::array<char, 16> digits;
  const std::lock_guard lock(mutex_);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), next_name_++, 36).ptr;
  std::string name = "_" + std::string(digits.data(), end);
  unnamed_.insert(name + std::string(kSegmentSuffix));
  return name;
}

Result<ShelvedSegment> LexicalShelf::Write(const BuiltSegment& built) {
  ShelvedSegment shelved{.segment = built.segment, .name = TakeName(), .dead = {}};
  const EncodedSegment encoded = EncodeSegment(*built.segment, shelved.name, built.positions->view());
  shelved.body_bytes = encoded.BodyBytes();
  shelved.body_sum = encoded.BodySum();
  shelved.positions_bytes = encoded.positions.size();
  shelved.positions_sum = Crc32c(encoded.positions);
  const Status written = WriteFile(FileOf(shelved), encoded.pieces());
  if (written.ok()) return shelved;
  Forget(shelved);
  return written;
}

void LexicalShelf::Forget(const ShelvedSegment& shelved) {
  const std::lock_guard lock(mutex_);
  unnamed_.erase(FileOf(shelved));
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
  const auto next_name = [this] {
    const std::lock_guard lock(mutex_);
    return next_name_;
  };
  return CatchLucene([&] {
    ::Lucene::SegmentInfosPtr infos = lucene_->commits;
    infos->clear();
    for (const ShelvedSegment& shelved : segments) infos->add(RecordOf(shelved, lucene_->directory));
    infos->counter = static_cast<int32_t>(next_name());
    infos->setUserData(CommitData(commit));
    infos->commit(lucene_->directory);
    // Lucene++ takes a commit back that it could not sync, and says nothing.
    const ::Lucene::String file = infos->getCurrentSegmentFileName();
    if (!lucene_->directory->fileExists(file)) return Status(Code::kIoError, "lexical commit");
    return OkStatus();
  });
}

// What cannot be removed now is tried again after the next commit. The directory is listed before it is asked which
// files are in use: a merge may write one beside this, and takes its name first.
void LexicalShelf::RemoveUnused(std::span<const ShelvedSegment> segments) {
  const Status done = CatchLucene([&] {
    ::Lucene::HashSet<::Lucene::String> names = lucene_->directory->listAll();
    const std::set<std::string> used = UsedFiles(segments);
    for (const ::Lucene::String& name : names) {
      if (used.contains(Narrow(name))) continue;
      (void)CatchLucene([&] {
        lucene_->directory->deleteFile(name);
        return OkStatus();
      });
    }
    return OkStatus();
  });
  (void)done;
}

// The newest commit's, and those that wait for the next.
std::set<std::string> LexicalShelf::UsedFiles(std::span<const ShelvedSegment> segments) {
  std::set<std::string> used = {Narrow(lucene_->commits->getCurrentSegmentFileName())};
  for (const ShelvedSegment& shelved : segments) {
    used.insert(FileOf(shelved));
    if (shelved.deletions > 0) used.insert(Narrow(RecordOf(shelved, lucene_->directory)->getDelFileName()));
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(unnamed_, [&](const std::string& name) { return used.contains(name); });
  used.insert(unnamed_.begin(), unnamed_.end());
  return used;
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
