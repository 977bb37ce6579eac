#include <algorithm>
#include <atomic>

#include "common/store/lexical.h"
#include "common/store/lexical_buffer.h"
#include "common/store/lexical_directory.h"
#include "common/store/lexical_disk_merge.h"
#include "common/store/lexical_merge.h"
#include "common/store/lexical_search.h"
#include "common/store/lexical_shelf.h"

namespace freshet::store {
namespace {

// In memory: merged inside Reopen, so only what takes a few milliseconds.
constexpr MergePolicy kMemoryPolicy{.fan_in = 8, .floor_bytes = 16 << 10, .most_bytes = 1 << 20};
constexpr size_t kMostMemorySegments = 256;

struct MemorySegment {
  BuiltSegment built;
  Roaring dead;  // rows
};

class Reader final : public LexicalReader {
 public:
  Reader(LexicalSegments segments, uint64_t commit) : searcher_(std::move(segments)), commit_(commit) {}

  uint64_t commit() const override { return commit_; }
  uint64_t entries() const override { return searcher_.entries(); }
  std::vector<Hit> Search(std::string_view query, size_t count, const LexicalAccept& accept) const override {
    return searcher_.Search(query, count, accept);
  }

 private:
  const LexicalSearcher searcher_;
  const uint64_t commit_;
};

class Index final : public LexicalIndex {
 public:
  Index(LexicalOptions options, std::shared_ptr<void> directory)
      : options_(std::move(options)), shelf_(std::move(directory)), merger_(shelf_) {}

  Status Load() {
    if (options_.use == LexicalUse::kFollow) return Follow(options_.newest_commit);
    FRESHET_ASSIGN_OR_RETURN(LexicalContents contents, shelf_.Load(options_.newest_commit));
    committed_ = contents.commit;
    rebuilt_ = contents.rebuilt;
    damaged_ = contents.damaged;
    disk_ = std::move(contents.segments);
    for (const ShelvedSegment& shelved : disk_) {
      known_.addMany(shelved.segment->rows(), shelved.segment->chunks.data());
    }
    return OkStatus();
  }

  Status Add(const LexicalEntry& entry) override {
    if (!known_.addChecked(entry.chunk.value)) return OkStatus();
    buffer_.Add(entry);
    if (buffer_.MemoryBytes() >= options_.buffer_mb << 20) Seal();
    return OkStatus();
  }

  Status Remove(ChunkOrdinal chunk) override {
    removed_.add(chunk.value);
    return OkStatus();
  }

  Result<std::shared_ptr<const LexicalReader>> Reopen(uint64_t commit) override {
    Seal();
    merger_.TakeFinished(disk_);
    LexicalSegments segments;
    for (const ShelvedSegment& shelved : disk_) segments.push_back(shelved.segment);
    for (const MemorySegment& segment : memory_) segments.push_back(segment.built.segment);
    return std::shared_ptr<const LexicalReader>(std::make_shared<Reader>(std::move(segments), commit));
  }

  Status Follow(uint64_t newest_commit) override;

  Status Commit(uint64_t commit) override {
    if (options_.use == LexicalUse::kFollow) return Status(Code::kInvalidArgument, "another process's index");
    Seal();
    merger_.TakeFinished(disk_);
    ApplyRemovals();
    FRESHET_RETURN_IF_ERROR(ShelveMemory());
    if (options_.merge_thread == MergeThread::kWriter) FRESHET_RETURN_IF_ERROR(merger_.RunAll(disk_));
    FRESHET_RETURN_IF_ERROR(shelf_.Commit(disk_, commit));
    committed_ = commit;
    if (options_.merge_thread == MergeThread::kOwn) merger_.Start(disk_);
    return merger_.TakeStatus();
  }

  uint64_t CommittedNumber() const override { return committed_; }
  bool was_rebuilt() const override { return rebuilt_; }
  std::string damaged() const override { return damaged_; }
  uint64_t BytesOnDisk() const override { return shelf_.BytesOnDisk(); }

 private:
  void Seal();
  void MergeMemory(std::span<const size_t> chosen);
  void ApplyRemovals();
  Status ShelveMemory();

  const LexicalOptions options_;
  LexicalShelf shelf_;
  LexicalBuffer buffer_;
  std::vector<MemorySegment> memory_;
  std::vector<ShelvedSegment> disk_;
  Roaring known_;    // chunks that were ever added
  Roaring removed_;  // chunks whose rows are not marked dead yet
  std::atomic<uint64_t> committed_ = 0;
  bool rebuilt_ = false;
  std::string damaged_;
  LexicalDiskMerger merger_;  // the last: its thread reads the shelf
};

// What is known is corrected, not made anew: a segment that was there before costs nothing.
Status Index::Follow(uint64_t newest_commit) {
  FRESHET_ASSIGN_OR_RETURN(LexicalContents contents, shelf_.Follow(newest_commit, disk_));
  Seal();
  for (const MemorySegment& member : memory_) {
    for (const uint32_t chunk : member.built.segment->chunks) known_.remove(chunk);
  }
  memory_.clear();
  removed_ = Roaring();
  const bool is_another = contents.commit < committed_ || contents.segments.empty();
  if (is_another) known_ = Roaring();
  for (const ShelvedSegment& shelved : contents.segments) {
    const bool is_new = is_another || std::none_of(disk_.begin(), disk_.end(), [&](const ShelvedSegment& each) {
                          return each.segment == shelved.segment;
                        });
    if (is_new) known_.addMany(shelved.segment->rows(), shelved.segment->chunks.data());
  }
  committed_ = contents.commit;
  rebuilt_ = contents.rebuilt;
  disk_ = std::move(contents.segments);
  return OkStatus();
}

// What was added becomes a segment in memory; small ones become one.
void Index::Seal() {
  BuiltSegment built = buffer_.Flush();
  if (!built) return;
  memory_.push_back({.built = std::move(built), .dead = {}});
  while (true) {
    std::vector<MergeCandidate> candidates;
    for (const MemorySegment& member : memory_) candidates.push_back({.bytes = member.built.segment->postings.size()});
    MergePolicy policy = kMemoryPolicy;
    if (memory_.size() > kMostMemorySegments) policy.most_bytes = UINT64_MAX;
    const std::vector<size_t> chosen = ChooseMerge(candidates, policy);
    if (chosen.empty()) return;
    MergeMemory(chosen);
  }
}

void Index::MergeMemory(std::span<const size_t> chosen) {
  std::vector<MergeInput> inputs;
  for (const size_t index : chosen) {
    const MemorySegment& member = memory_[index];
    inputs.push_back({member.built.segment, member.built.positions->view(), member.dead});
  }
  BuiltSegment merged = MergeSegments(inputs);
  for (size_t i = chosen.size(); i > 0; --i) memory_.erase(memory_.begin() + static_cast<ptrdiff_t>(chosen[i - 1]));
  if (merged) memory_.push_back({.built = std::move(merged), .dead = {}});
}

void Index::ApplyRemovals() {
  if (removed_.isEmpty()) return;
  for (MemorySegment& member : memory_) MarkDead(*member.built.segment, removed_, member.dead);
  for (ShelvedSegment& shelved : disk_) shelved.dead_changed |= MarkDead(*shelved.segment, removed_, shelved.dead);
  merger_.NoteDead(removed_);
  removed_ = Roaring();
}

// All segments in memory become one on disk.
Status Index::ShelveMemory() {
  if (memory_.empty()) return OkStatus();
  std::vector<size_t> all(memory_.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (memory_.size() > 1 || !memory_[0].dead.isEmpty()) MergeMemory(all);
  if (memory_.empty()) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(ShelvedSegment shelved, shelf_.Write(memory_[0].built));
  disk_.push_back(std::move(shelved));
  memory_.clear();
  return OkStatus();
}

}  // namespace

Result<std::unique_ptr<LexicalIndex>> LexicalIndex::Open(LexicalOptions options) {
  std::shared_ptr<void> directory = options.open_directory
                                        ? options.open_directory(options.path)
                                        : HideDirectory(NewLexicalDirectory(NewOsFiles(options.path)));
  auto index = std::make_unique<Index>(std::move(options), std::move(directory));
  FRESHET_RETURN_IF_ERROR(index->Load());
  return std::unique_ptr<LexicalIndex>(std::move(index));
}

}  // namespace freshet::store
