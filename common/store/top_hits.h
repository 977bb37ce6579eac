// TopHits: the best `count` hits seen so far, by score, ties by ascending chunk. Scores are whole numbers in units of
// the caller's, so that ties are ties.
//
//   TopHits hits(50);
//   if (hits.WouldTake(score, chunk)) hits.Take(score, chunk, document);
//   std::vector<Hit> best = hits.Sorted(1.0f / units);
//
// One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/base/ids.h"
#include "common/store/view.h"

namespace freshet::store {

class TopHits {
 public:
  explicit TopHits(size_t count) : count_(count) {}

  // Whether some entry of this score would be among the best.
  bool CouldTake(int64_t score) const { return score >= least_; }
  bool WouldTake(int64_t score, ChunkOrdinal chunk) const {
    return entries_.size() < count_ || Better({score, chunk, {}}, entries_.front());
  }
  // Of a hit that WouldTake takes.
  void Take(int64_t score, ChunkOrdinal chunk, DocumentOrdinal document) {
    if (entries_.size() == count_) {
      std::pop_heap(entries_.begin(), entries_.end(), Better);
      entries_.pop_back();
    }
    entries_.push_back({score, chunk, document});
    std::push_heap(entries_.begin(), entries_.end(), Better);
    if (entries_.size() == count_) least_ = entries_.front().score;
  }

  // Best first.
  std::vector<Hit> Sorted(float unit) {
    std::sort(entries_.begin(), entries_.end(), Better);
    std::vector<Hit> hits;
    hits.reserve(entries_.size());
    for (const Entry& entry : entries_) {
      hits.push_back({entry.chunk, entry.document, static_cast<float>(entry.score) * unit});
    }
    return hits;
  }

 private:
  struct Entry {
    int64_t score;
    ChunkOrdinal chunk;
    DocumentOrdinal document;
  };
  // As the heap's "less": its front is the worst.
  static bool Better(const Entry& a, const Entry& b) {
    return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
  }

  const size_t count_;
  int64_t least_ = INT64_MIN;
  std::vector<Entry> entries_;
};

}  // namespace freshet::store
