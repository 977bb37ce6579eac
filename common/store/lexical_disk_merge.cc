#include "common/store/lexical_disk_merge.h"

#include <algorithm>

#include "common/store/lexical_merge.h"

namespace freshet::store {
namespace {

// A segment of more than half a gigabyte is left alone.
constexpr MergePolicy kPolicy{.fan_in = 8, .floor_bytes = 1 << 20, .most_bytes = 1 << 30};

}  // namespace

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

LexicalDiskMerger::~LexicalDiskMerger() {
  stop_ = true;
  if (running_.valid()) running_.wait();
}

void LexicalDiskMerger::Start(const std::vector<ShelvedSegment>& segments) { Launch(segments, std::launch::async); }

void LexicalDiskMerger::NoteDead(const Roaring& chunks) {
  if (running_.valid()) late_ |= chunks;
}

void LexicalDiskMerger::TakeFinished(std::vector<ShelvedSegment>& segments) {
  if (!running_.valid() || running_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  if (const Status status = Finish(segments); !status.ok()) status_ = status;
}

Status LexicalDiskMerger::RunAll(std::vector<ShelvedSegment>& segments) {
  while (Launch(segments, std::launch::deferred)) FRESHET_RETURN_IF_ERROR(Finish(segments));
  return OkStatus();
}

Status LexicalDiskMerger::TakeStatus() { return std::exchange(status_, OkStatus()); }

// False where there is nothing to merge, or a merge runs.
bool LexicalDiskMerger::Launch(const std::vector<ShelvedSegment>& segments, std::launch launch) {
  if (running_.valid()) return false;
  std::vector<MergeCandidate> candidates;
  for (const ShelvedSegment& shelved : segments) candidates.push_back({shelved.body_bytes, shelved.DeadShare()});
  std::vector<ShelvedSegment> inputs;
  for (const size_t index : ChooseMerge(candidates, kPolicy)) inputs.push_back(segments[index]);
  if (inputs.empty()) return false;
  late_ = Roaring();
  running_ = std::async(launch, [this, inputs = std::move(inputs)]() mutable { return Run(std::move(inputs)); });
  return true;
}

LexicalDiskMerger::Merge LexicalDiskMerger::Run(std::vector<ShelvedSegment> shelved) {
  Merge merge{.inputs = std::move(shelved), .output = {}, .status = {}};
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
  const BuiltSegment merged = MergeSegments(inputs, &stop_);
  if (!merged) {
    if (stop_) merge.status = Status(Code::kUnavailable, "closing");
    return merge;
  }
  Result<ShelvedSegment> written = shelf_.Write(merged);
  if (!(merge.status = written.status()).ok()) return merge;
  merge.output = std::move(*written);
  return merge;
}

Status LexicalDiskMerger::Finish(std::vector<ShelvedSegment>& segments) {
  Merge merge = running_.get();
  FRESHET_RETURN_IF_ERROR(merge.status);
  std::erase_if(segments, [&](const ShelvedSegment& shelved) {
    return std::any_of(merge.inputs.begin(), merge.inputs.end(),
                       [&](const ShelvedSegment& input) { return input.name == shelved.name; });
  });
  for (const ShelvedSegment& input : merge.inputs) shelf_.Forget(input);
  if (!merge.output) return OkStatus();
  if (!late_.isEmpty()) merge.output->dead_changed = MarkDead(*merge.output->segment, late_, merge.output->dead);
  segments.push_back(std::move(*merge.output));
  return OkStatus();
}

}  // namespace freshet::store
