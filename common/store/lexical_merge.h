// Merging lexical segments: which, and how.
//
//   std::vector<size_t> chosen = ChooseMerge(sizes, {.fan_in = 8});
//   BuiltSegment merged = MergeSegments(inputs);
//
// Both are free of state: any thread. A merge reads about 60 MB of segments a second.
#pragma once

#include <atomic>
#include <memory>
#include <roaring/roaring.hh>
#include <span>
#include <string_view>
#include <vector>

#include "common/store/lexical_segment.h"

namespace freshet::store {

struct MergeInput {
  std::shared_ptr<const LexicalSegment> segment;
  std::string_view positions;  // all of the segment's
  Roaring dead;                // rows to leave out
};

// One segment of all rows that live, in the order of the inputs. Empty where none lives, and where `stop` became true.
BuiltSegment MergeSegments(std::span<const MergeInput> inputs, const std::atomic<bool>* stop = nullptr);

struct MergeCandidate {
  uint64_t bytes = 0;
  double dead_share = 0;
};

struct MergePolicy {
  size_t fan_in = 8;                 // segments of about one size that become one
  uint64_t floor_bytes = 1 << 20;    // segments below it count as of one size
  uint64_t most_bytes = UINT64_MAX;  // of a merge's inputs together
};

// Indexes of the segments to merge now; one alone where it is mostly dead, none where all is well.
std::vector<size_t> ChooseMerge(std::span<const MergeCandidate> candidates, const MergePolicy& policy);

}  // namespace freshet::store
