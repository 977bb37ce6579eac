// LexicalDiskMerger: merges segments on disk, beside the thread that writes or on it, one merge at a time.
//
//   LexicalDiskMerger merger(shelf);
//   merger.Start(segments);          // if there is something to merge; returns at once
//   merger.NoteDead(chunks);         // while it runs, rows went on dying
//   merger.TakeFinished(segments);   // puts what came of it in place of what it was made of
//
// One thread, the writer's. The shelf outlives the merger, whose destructor waits for a merge to stop.
#pragma once

#include <atomic>
#include <future>
#include <optional>
#include <roaring/roaring.hh>
#include <vector>

#include "common/store/lexical_shelf.h"

namespace freshet::store {

// Adds the rows of `chunks` to `dead`. True where there were any.
bool MarkDead(const LexicalSegment& segment, const Roaring& chunks, Roaring& dead);

class LexicalDiskMerger {
 public:
  explicit LexicalDiskMerger(LexicalShelf& shelf) : shelf_(shelf) {}
  ~LexicalDiskMerger();

  void Start(const std::vector<ShelvedSegment>& segments);
  void NoteDead(const Roaring& chunks);
  void TakeFinished(std::vector<ShelvedSegment>& segments);
  // All that there is to merge, on this thread.
  Status RunAll(std::vector<ShelvedSegment>& segments);
  // Of the merges taken since the last call: the last failure. The segments of a failed merge stay as they were.
  Status TakeStatus();

 private:
  struct Merge {
    std::vector<ShelvedSegment> inputs;    // as they were when it began
    std::optional<ShelvedSegment> output;  // nothing where no row lived
    Status status;
  };

  bool Launch(const std::vector<ShelvedSegment>& segments, std::launch launch);
  Merge Run(std::vector<ShelvedSegment> inputs);
  Status Finish(std::vector<ShelvedSegment>& segments);

  LexicalShelf& shelf_;
  Roaring late_;  // chunks that died since the running merge began
  Status status_;
  std::atomic<bool> stop_ = false;
  std::future<Merge> running_;
};

}  // namespace freshet::store
