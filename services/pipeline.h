// The topology: what is read from where, worked on by whom, and goes where. One table, which `freshet pipeline
// describe` prints and services/runtime wires up; nothing else knows the order of the steps.
//
//   for (const StageRow& row : kPipeline) ...
//   std::cout << DescribePipeline({.fused = {Step::kDeid, Step::kChunk, Step::kEmbed}});
#pragma once

#include <array>
#include <set>
#include <string>

#include "schemas/topics.h"

namespace freshet {

struct StageRow {
  Step step;
  const char* takes;  // body of the envelopes it reads
  const char* gives;  // body of the envelopes it writes
  Topic in_live;      // where its live input lies when the hop before it is durable
  Topic in_backfill;
  const char* does;
};

// In flow order. The index is the sink: it writes no topic.
inline constexpr std::array<StageRow, 4> kPipeline = {{
    {Step::kDeid, "Upsert", "CleanDocument", Topic::kChangesLive, Topic::kChangesBackfill,
     "parse, detect, replace, verify; seal"},
    {Step::kChunk, "CleanDocument", "ChunkedDocument", Topic::kCleanLive, Topic::kCleanBackfill,
     "cut along structure, edit-stable"},
    {Step::kEmbed, "ChunkedDocument", "EmbeddedDocument", Topic::kChunksLive, Topic::kChunksBackfill,
     "one vector a chunk, cached by content"},
    {Step::kIndex, "EmbeddedDocument", "", Topic::kEmbeddedLive, Topic::kEmbeddedBackfill,
     "newest wins; RocksDB, vectors, Lucene++"},
}};

// The order of the table is the order of the steps, and each step reads what the one before it gives.
consteval bool IsChain() {
  for (size_t i = 0; i < kPipeline.size(); ++i) {
    if (static_cast<size_t>(kPipeline[i].step) != i + 1) return false;
    if (i > 0 && std::string_view(kPipeline[i].takes) != kPipeline[i - 1].gives) return false;
  }
  return true;
}
static_assert(IsChain());

constexpr const StageRow& RowOf(Step step) { return kPipeline[static_cast<size_t>(step) - 1]; }
constexpr Topic InputOf(Step step, Lane lane) {
  return lane == Lane::kBackfill ? RowOf(step).in_backfill : RowOf(step).in_live;
}

// Which hops stay in memory: a step that is named hands its output to the next one in the same process. The others
// write a topic.
struct PipelinePlan {
  std::set<Step> fused = {Step::kDeid, Step::kChunk, Step::kEmbed};

  bool IsFused(Step step) const { return fused.contains(step); }
  // The step at the head of the fused run that `step` belongs to: its input is the durable one.
  Step HeadOf(Step step) const;
};

// A number for each topic in stored progress.
constexpr Stream StreamOf(Topic topic) { return Stream(static_cast<uint8_t>(topic)); }
// The streams whose watermarks vouch for a lane at the sink.
Stream SinkStream(const PipelinePlan& plan, Lane lane);

// A drawing of what runs where, for people.
std::string DescribePipeline(const PipelinePlan& plan);

}  // namespace freshet
