#include <algorithm>
#include <atomic>
#include <future>

#include "common/store/lexical.h"
#include "common/store/lexical_buffer.h"
#include "common/store/lexical_directory.h"
#include "common/store/lexical_merge.h"
#include "common/store/lexical_search.h"
#include "common/store/lexical_shelf.h"

namespace freshet::store {
namespace {

// In memory: merged inside Reopen, so only what takes a few milliseconds.
constexpr MergePolicy kMemoryPolicy{.fan_in = 8, .floor_bytes = 16 << 10, .most_bytes = 1 << 20};
// On disk: a segment of more than half a gigabyte is left alone.
constexpr MergePolicy kDiskPolicy{.fan_in = 8, .floor_bytes = 1 << 20, .most_bytes = 1 << 30};
constexpr size_t kMostMemorySegments = 256;

struct MemorySegment {
  std::shared_ptr<const LexicalSegment> segment;
  Roaring dead;  // rows
};

// Adds the rows of `chunks` to `dead`. True where there were any.
bool MarkDead(const LexicalSegment& segment, const Roaring& chunks, Roaring& dead) {
  const uint64_t before = dead.cardinality();
  const bool sorted = std::is_sorted(segment.chunks.begin(), segment.chunks.end());
  if (sorted) {
    for (const uint32_t chunk : chunks) {
      const auto found = std::lower_bound(segment.chunks.begin(), segment.chunks.end(), chunk);
      if (found != segment.chunks.end() && *found == chunk) {
        dead.add(static_cast<uint32_t>(found - segment.chunks.begin()));
      }
    }
  } else {
    for (uint32_t row = 0; row < segment.rows(); ++row) {
      if (chunks.contains(segment.chunks[row])) dead.add(row);
    }
  }
  return dead.cardinality() > before;
}

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

// A merge of segments on disk, and what became of it.
struct DiskMerge {
  std::vector<ShelvedSegment> inputs;    // as they were when it began
  std::optional<ShelvedSegment> output;  // nothing where no row lived
  Status status;
};

class Index final : public LexicalIndex {
 public:
  Index(LexicalOptions options, std::shared_ptr<void> directory)
      : options_(std::move(options)), shelf_(std::move(directory)) {}
  ~Index() override {
    stop_ = true;
    if (running_.valid()) running_.wait();
  }

  Status Load() {
    FRESHET_ASSIGN_OR_RETURN(LexicalContents contents, shelf_.Load(options_.newest_commit));
    committed_ = contents.commit;
    rebuilt_ = contents.rebuilt;
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
    TakeFinishedMerge();
    LexicalSegments segments;
    for (const ShelvedSegment& shelved : disk_) segments.push_back(shelved.segment);
    for (const MemorySegment& segment : memory_) segments.push_back(segment.segment);
    return std::shared_ptr<const LexicalReader>(std::make_shared<Reader>(std::move(segments), commit));
  }

  Status Commit(uint64_t commit) override {
    Seal();
    TakeFinishedMerge();
    ApplyRemovals();
    FRESHET_RETURN_IF_ERROR(ShelveMemory());
    if (options_.merge_thread == MergeThread::kWriter) {
      while (StartMerge(std::launch::deferred)) FRESHET_RETURN_IF_ERROR(FinishMerge());
    }
    FRESHET_RETURN_IF_ERROR(shelf_.Commit(disk_, commit));
    committed_ = commit;
    if (options_.merge_thread == MergeThread::kOwn) StartMerge(std::launch::async);
    return std::exchange(merge_status_, OkStatus());
  }

  uint64_t CommittedNumber() const override { return committed_; }
  bool was_rebuilt() const override { return rebuilt_; }
  uint64_t BytesOnDisk() const override { return shelf_.BytesOnDisk(); }

 private:
  void Seal();
  void MergeMemory(std::span<const size_t> chosen);
  void ApplyRemovals();
  Status ShelveMemory();
  bool StartMerge(std::launch launch);
  DiskMerge RunMerge(std::vector<ShelvedSegment> inputs);
  void TakeFinishedMerge();
  Status FinishMerge();

  const LexicalOptions options_;
  LexicalShelf shelf_;
  LexicalBuffer buffer_;
  std::vector<MemorySegment> memory_;
  std::vector<ShelvedSegment> disk_;
  Roaring known_;    // chunks that were ever added
  Roaring removed_;  // chunks whose rows are not marked dead yet
  Roaring late_;     // chunks marked dead since the running merge began
  std::atomic<uint64_t> committed_ = 0;
  bool rebuilt_ = false;
  std::atomic<bool> stop_ = false;
  std::future<DiskMerge> running_;
  Status merge_status_;  // of the last merge, for the next Commit to tell
};

// What was added becomes a segment in memory; small ones become one.
void Index::Seal() {
  std::shared_ptr<const LexicalSegment> segment = buffer_.Flush();
  if (segment == nullptr) return;
  memory_.push_back({.segment = std::move(segment), .dead = {}});
  while (true) {
    std::vector<MergeCandidate> candidates;
    for (const MemorySegment& member : memory_) candidates.push_back({.bytes = member.segment->postings.size()});
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
    inputs.push_back({member.segment, member.segment->positions.view(), member.dead});
  }
  std::shared_ptr<const LexicalSegment> merged = MergeSegments(inputs);
  for (size_t i = chosen.size(); i > 0; --i) memory_.erase(memory_.begin() + static_cast<ptrdiff_t>(chosen[i - 1]));
  if (merged != nullptr) memory_.push_back({.segment = std::move(merged), .dead = {}});
}

void Index::ApplyRemovals() {
  if (removed_.isEmpty()) return;
  for (MemorySegment& member : memory_) MarkDead(*member.segment, removed_, member.dead);
  for (ShelvedSegment& shelved : disk_) shelved.dead_changed |= MarkDead(*shelved.segment, removed_, shelved.dead);
  if (running_.valid()) late_ |= removed_;
  removed_ = Roaring();
}

// All segments in memory become one on disk.
Status Index::ShelveMemory() {
  if (memory_.empty()) return OkStatus();
  std::vector<size_t> all(memory_.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (memory_.size() > 1 || !memory_[0].dead.isEmpty()) MergeMemory(all);
  if (memory_.empty()) return OkStatus();
  const std::shared_ptr<const LexicalSegment>& segment = memory_[0].segment;
  FRESHET_ASSIGN_OR_RETURN(ShelvedSegment shelved, shelf_.Write(segment, segment->positions.view()));
  disk_.push_back(std::move(shelved));
  memory_.clear();
  return OkStatus();
}

bool Index::StartMerge(std::launch launch) {
  if (running_.valid()) return false;
  std::vector<MergeCandidate> candidates;
  for (const ShelvedSegment& shelved : disk_) candidates.push_back({shelved.body_bytes, shelved.DeadShare()});
  std::vector<ShelvedSegment> inputs;
  for (const size_t index : ChooseMerge(candidates, kDiskPolicy)) inputs.push_back(disk_[index]);
  if (inputs.empty()) return false;
  late_ = Roaring();
  running_ = std::async(launch, [this, inputs = std::move(inputs)]() mutable { return RunMerge(std::move(inputs)); });
  return true;
}

DiskMerge Index::RunMerge(std::vector<ShelvedSegment> shelved) {
  DiskMerge merge{.inputs = std::move(shelved)};
  std::vector<std::string> positions;
  for (const ShelvedSegment& input : merge.inputs) {
    Result<std::string> read = shelf_.ReadPositions(input);
    if (!(merge.status = read.status()).ok()) return merge;
    positions.push_back(std::move(*read));
  }
  std::vector<MergeInput> inputs;
  for (size_t i = 0; i < positions.size(); ++i) {
    inputs.push_back({merge.inputs[i].segment, positions[i], merge.inputs[i].dead});
  }
  const std::shared_ptr<const LexicalSegment> merged = MergeSegments(inputs, &stop_);
  if (merged == nullptr) {
    if (stop_) merge.status = Status(Code::kUnavailable, "closing");
    return merge;
  }
  Result<ShelvedSegment> written = shelf_.Write(merged, merged->positions.view());
  if (!(merge.status = written.status()).ok()) return merge;
  merge.output = std::move(*written);
  return merge;
}

void Index::TakeFinishedMerge() {
  if (!running_.valid() || running_.wait_for(std::chrono::seconds(0)) == std::future_status::timeout) return;
  merge_status_ = FinishMerge();
}

// Puts the merged segment in place of its inputs.
Status Index::FinishMerge() {
  DiskMerge merge = running_.get();
  FRESHET_RETURN_IF_ERROR(merge.status);
  std::erase_if(disk_, [&](const ShelvedSegment& shelved) {
    return std::any_of(merge.inputs.begin(), merge.inputs.end(),
                       [&](const ShelvedSegment& input) { return input.name == shelved.name; });
  });
  if (!merge.output) return OkStatus();
  if (!late_.isEmpty()) merge.output->dead_changed = MarkDead(*merge.output->segment, late_, merge.output->dead);
  disk_.push_back(std::move(*merge.output));
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
