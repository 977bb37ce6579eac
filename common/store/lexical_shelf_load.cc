// The half of LexicalShelf that reads what is there.
#include <algorithm>
#include <utility>

#include "common/store/lexical_directory.h"
#include "common/store/lexical_files.h"
#include "common/store/lexical_records.h"
#include "common/store/lexical_shelf.h"

namespace freshet::store {
namespace {

// By what the file says of itself: names may come again after a crash, with another sum.
std::shared_ptr<const LexicalSegment> SameAmong(std::span<const ShelvedSegment> known, const ShelvedSegment& wanted) {
  for (const ShelvedSegment& each : known) {
    const bool same = each.name == wanted.name && each.body_sum == wanted.body_sum &&
                      each.body_bytes == wanted.body_bytes && each.positions_sum == wanted.positions_sum;
    if (same) return each.segment;
  }
  return nullptr;
}

}  // namespace

// Newest first.
Result<LexicalShelf::CommitFiles> LexicalShelf::ListCommits() {
  CommitFiles commits;
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
  return commits;
}

Result<LexicalContents> LexicalShelf::Load(uint64_t newest_commit) {
  FRESHET_ASSIGN_OR_RETURN(const CommitFiles commits, ListCommits());
  LexicalContents contents{.rebuilt = !commits.empty()};
  for (const auto& [number, file] : commits) {
    Result<LexicalContents> loaded = LoadCommit(file, {});
    const bool is_damaged = loaded.code() == Code::kCorruptStore || loaded.code() == Code::kNotFound;  // a file is gone
    if (!loaded.ok() && !is_damaged) return loaded.status();
    if (!loaded.ok() && contents.damaged.empty()) contents.damaged = reading_;
    if (!loaded.ok() || loaded->commit > newest_commit) continue;
    contents = std::move(*loaded);
    break;
  }
  if (contents.rebuilt) lucene_->commits = ::Lucene::newLucene<::Lucene::SegmentInfos>();
  RemoveUnused(contents.segments);
  return contents;
}

Result<LexicalContents> LexicalShelf::Follow(uint64_t newest_commit, std::span<const ShelvedSegment> known) {
  constexpr int kAttempts = 10;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    FRESHET_ASSIGN_OR_RETURN(const CommitFiles commits, ListCommits());
    bool changed = false;
    for (auto commit = commits.begin(); commit != commits.end() && !changed; ++commit) {
      Result<LexicalContents> loaded = LoadCommit(commit->second, known);
      if (loaded.ok() && loaded->commit <= newest_commit) return loaded;
      if (loaded.ok()) return Status(Code::kUnavailable, "the lexical index is newer than what is known of the store");
      // Damaged, or the writer has taken away what we were reading.
      FRESHET_ASSIGN_OR_RETURN(const CommitFiles again, ListCommits());
      changed = again != commits;
    }
    if (!changed) return LexicalContents{.rebuilt = !commits.empty()};
  }
  return Status(Code::kUnavailable, "the lexical index is changing");
}

// Leaves the commit's record in lucene_->commits. Of what is in `known`, nothing is read again.
Result<LexicalContents> LexicalShelf::LoadCommit(const std::string& file, std::span<const ShelvedSegment> known) {
  LexicalContents contents;
  reading_ = file;
  FRESHET_RETURN_IF_ERROR(CatchLucene([&] {
    FRESHET_RETURN_IF_ERROR(CheckCommitSum(lucene_->directory, file));
    lucene_->commits = ::Lucene::newLucene<::Lucene::SegmentInfos>();
    lucene_->commits->read(lucene_->directory, Widen(file));
    const std::optional<uint64_t> commit = CommitIn(lucene_->commits->getUserData());
    if (!commit) return Status(Code::kCorruptStore, "commit");
    contents.commit = *commit;
    return OkStatus();
  }));
  for (size_t i = 0; i < static_cast<size_t>(lucene_->commits->size()); ++i) {
    FRESHET_ASSIGN_OR_RETURN(ShelvedSegment shelved, LoadSegment(i, known));
    contents.segments.push_back(std::move(shelved));
  }
  return contents;
}

Result<ShelvedSegment> LexicalShelf::LoadSegment(size_t index, std::span<const ShelvedSegment> known) {
  ShelvedSegment shelved;
  std::string body;
  std::string dead;
  const ::Lucene::SegmentInfoPtr record = lucene_->commits->info(static_cast<int32_t>(index));
  FRESHET_RETURN_IF_ERROR(CatchLucene([&] {
    shelved = FromRecord(record);
    reading_ = FileOf(shelved);
    shelved.segment = SameAmong(known, shelved);
    if (shelved.segment != nullptr) return OkStatus();
    body = ReadRange(lucene_->directory, FileOf(shelved), 0, shelved.body_bytes);
    if (shelved.deletions == 0) return OkStatus();
    const ::Lucene::String file = record->getDelFileName();
    reading_ = Narrow(file);
    const auto size = static_cast<uint64_t>(lucene_->directory->fileLength(file));
    dead = ReadRange(lucene_->directory, Narrow(file), 0, size);
    return OkStatus();
  }));
  if (shelved.segment != nullptr) return shelved;
  if (Crc32c(dead) != shelved.dead_sum) return Status(Code::kCorruptStore, "sum of a lexical segment's dead rows");
  const std::string of_dead = std::exchange(reading_, FileOf(shelved));
  if (Crc32c(body) != shelved.body_sum) return Status(Code::kCorruptStore, "sum of a lexical segment");
  FRESHET_ASSIGN_OR_RETURN(shelved.segment, DecodeSegment(body));
  const size_t rows = shelved.segment->rows();
  if (rows != static_cast<size_t>(record->docCount) || rows == 0) {
    return Status(Code::kCorruptStore, "rows of a lexical segment");
  }
  if (shelved.deletions == 0) return shelved;
  reading_ = of_dead;
  FRESHET_ASSIGN_OR_RETURN(shelved.dead, DecodeDead(dead, rows));
  return shelved;
}

}  // namespace freshet::store
