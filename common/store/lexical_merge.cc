#include "common/store/lexical_merge.h"

#include <algorithm>
#include <bit>
#include <map>

namespace freshet::store {
namespace {

constexpr uint32_t kDead = UINT32_MAX;
constexpr double kMostDead = 0.3;  // share of dead rows from which on a segment is written anew

// One input on its way through its words.
struct Source {
  const MergeInput* input;
  uint32_t term = 0;
  uint32_t first_row = 0;          // in the merged segment
  std::vector<uint32_t> new_rows;  // of each row, kDead for dead ones; empty where all live

  const LexicalSegment& segment() const { return *input->segment; }
  bool done() const { return term == segment().terms.size(); }
  std::string_view word() const { return segment().terms.text(term); }
  uint32_t NewRow(uint32_t row) const { return new_rows.empty() ? first_row + row : new_rows[row]; }
};

// Numbers the rows that live and puts them into the merged segment.
void TakeRows(Source& source, LexicalSegmentBuilder& builder) {
  const LexicalSegment& segment = source.segment();
  source.first_row = static_cast<uint32_t>(builder.segment().rows());
  const Roaring& dead = source.input->dead;
  if (!dead.isEmpty()) source.new_rows.assign(segment.rows(), kDead);
  for (uint32_t row = 0; row < segment.rows(); ++row) {
    if (!source.new_rows.empty()) {
      if (dead.contains(row)) continue;
      source.new_rows[row] = static_cast<uint32_t>(builder.segment().rows());
    }
    builder.AddRow({ChunkOrdinal(segment.chunks[row]), DocumentOrdinal(segment.documents[row]), segment.lengths[row]});
  }
}

// The end of `count` VInts.
const char* SkipVints(const char* at, uint32_t count) {
  for (; count > 0; ++at) count -= static_cast<uint8_t>(*at) < 0x80 ? 1 : 0;
  return at;
}

void TakePostings(const Source& source, LexicalSegmentBuilder& builder) {
  const LexicalTerm& term = source.segment().terms[source.term];
  const char* at = source.segment().postings.view().data() + term.postings;
  const char* position = source.input->positions.data() + term.positions;
  uint32_t row = 0;
  for (uint32_t i = 0; i < term.count; ++i) {
    uint32_t frequency = 0;
    ReadPosting(at, i + 1 == term.count, row, frequency);
    const char* const next = SkipVints(position, frequency);
    if (const uint32_t new_row = source.NewRow(row); new_row != kDead) {
      builder.positions().Put({position, static_cast<size_t>(next - position)});
      builder.AddPosting(new_row, frequency);
    }
    position = next;
  }
}

}  // namespace

BuiltSegment MergeSegments(std::span<const MergeInput> inputs, const std::atomic<bool>* stop) {
  LexicalSegmentBuilder builder;
  std::vector<Source> sources;
  size_t postings = 0;
  size_t positions = 0;
  for (const MergeInput& input : inputs) {
    Source source{.input = &input};
    TakeRows(source, builder);
    sources.push_back(std::move(source));
    postings += input.segment->postings.size();
    positions += input.positions.size();
  }
  if (builder.segment().rows() == 0) return {};
  builder.segment().postings.Reserve(postings + postings / 64);
  builder.positions().Reserve(positions);
  std::erase_if(sources, [](const Source& source) { return source.done(); });
  while (!sources.empty()) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return {};
    std::string_view least = sources[0].word();
    for (const Source& source : sources) least = std::min(least, source.word());
    builder.StartWord(least);
    bool finished = false;
    for (Source& source : sources) {
      if (source.word() != least) continue;
      TakePostings(source, builder);
      ++source.term;
      finished |= source.done();
    }
    builder.FinishWord();
    if (finished) std::erase_if(sources, [](const Source& source) { return source.done(); });
  }
  return builder.Finish();
}

std::vector<size_t> ChooseMerge(std::span<const MergeCandidate> candidates, const MergePolicy& policy) {
  std::map<int, std::vector<size_t>> levels;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const uint64_t size = candidates[i].bytes / policy.floor_bytes;
    levels[static_cast<int>(std::bit_width(size)) / 3].push_back(i);  // of sizes within a factor of 8
  }
  for (auto& [level, members] : levels) {
    if (members.size() < policy.fan_in) continue;
    std::vector<size_t> chosen;
    uint64_t bytes = 0;
    for (const size_t member : members) {
      if (bytes + candidates[member].bytes > policy.most_bytes) continue;
      bytes += candidates[member].bytes;
      chosen.push_back(member);
    }
    if (chosen.size() >= policy.fan_in) return chosen;
  }
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].dead_share > kMostDead) return {i};
  }
  return {};
}

}  // namespace freshet::store
