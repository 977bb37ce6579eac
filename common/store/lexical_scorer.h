// SegmentScorer: scores the entries of one segment into the best hits of a search; how, lexical_search.h says.
//
//   SegmentScorer scorer(segment, task);
//   scorer.AddWord(term, weight);
//   scorer.Run();
//
// Scores are whole numbers of kUnits to one. One thread; segment and task must outlive it.
#pragma once

#include <array>
#include <vector>

#include "common/store/filter_bitmap.h"
#include "common/store/lexical.h"
#include "common/store/lexical_postings.h"
#include "common/store/top_hits.h"

namespace freshet::store {

inline constexpr uint32_t kUnits = 65536;
inline constexpr uint32_t kScoredAtOnce = 4096;  // rows

// The scores of so many rows, and which of them have one; all zero between two uses.
struct ScoreWindow {
  std::array<uint32_t, kScoredAtOnce> scores{};
  std::array<uint64_t, kScoredAtOnce / 64> touched{};
};

// What all segments of one search share.
struct ScoringTask {
  size_t words;
  Saturation saturation;
  const LexicalAccept& accept;
  const Filter::Bitmap* few;     // where the filter lets few through: asked first of all
  const Filter::Bitmap* fewest;  // where it lets so few through that these alone are scored
  TopHits& hits;
  ScoreWindow& window;
};

class SegmentScorer {
 public:
  SegmentScorer(const LexicalSegment& segment, const ScoringTask& task);

  void AddWord(uint32_t term, float weight);
  void Run();  // once

 private:
  // One word of the query in the segment.
  struct Word {
    PostingCursor cursor;
    float weight;
    uint32_t bound = 0;         // what it can add at most
    uint32_t window_bound = 0;  // to a row of the present window
  };

  uint32_t BoundIn(Word& word, uint64_t begin, uint64_t end) const;
  uint32_t ScoreOf(const Word& word, uint32_t row) const;
  void RunThrough(const Filter::Bitmap& wanted);
  bool NextWindow(uint64_t& begin);
  bool FindEssential(uint64_t begin);
  void Accumulate(Word& word, uint32_t begin);
  void Collect(uint32_t begin);
  bool AddRest(uint32_t row, uint32_t& score);
  void Take(uint32_t row, uint32_t score);

  const LexicalSegment& segment_;
  const Saturation saturation_;  // of the segment's bounds
  const ScoringTask& task_;
  TopHits& hits_;
  std::array<uint32_t, kScoredAtOnce>& scores_;
  std::array<uint64_t, kScoredAtOnce / 64>& touched_;
  std::vector<Word> words_;  // the least bound first, once it runs
  size_t useless_ = 0;       // of words: their bounds, wherever, are not enough
  uint32_t useless_bound_ = 0;
  size_t essential_ = 0;
  uint32_t rest_ = 0;  // window bounds below essential_ together
};

}  // namespace freshet::store
