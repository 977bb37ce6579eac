// PostingCursor: walks one word's postings in one segment, and leaps over blocks nobody asks for.
//
//   PostingCursor cursor(segment, term);
//   while (!cursor.done() && cursor.row() < end) { ... cursor.frequency() ...; cursor.Next(); }
//   if (cursor.SeekTo(row)) ... cursor.frequency()
//   float most = cursor.MostShare(begin, end);        // that an entry from `begin` to below `end` can get, by blocks
//
// Moves forward only. One thread; the segment must outlive it.
#pragma once

#include <algorithm>
#include <span>

#include "common/store/lexical_segment.h"

namespace freshet::store {

class PostingCursor {
 public:
  PostingCursor(const LexicalSegment& segment, uint32_t term)
      : list_(segment.postings.view().data() + segment.terms[term].postings),
        at_(list_),
        count_(segment.terms[term].count),
        left_(count_),
        blocks_(segment.BlocksOf(term)) {
    Next();
  }

  bool done() const { return row_ == kEnd; }
  uint32_t row() const { return row_; }
  uint32_t frequency() const { return frequency_; }

  void Next() {
    if (left_ == 0) {
      row_ = kEnd;
      return;
    }
    --left_;
    ReadPosting(at_, left_ == 0, row_, frequency_);
  }

  // To the first posting at or behind `row`; true where it is of `row`.
  bool SeekTo(uint32_t row) {
    if (row_ < row && !blocks_.empty()) LeapTo(row);
    while (row_ < row) Next();
    return row_ == row;
  }

  // `begin` never falls. Does not move the cursor.
  float MostShare(uint64_t begin, uint64_t end) {
    if (blocks_.empty()) return 1;
    while (bounded_ + 1 < blocks_.size() && blocks_[bounded_ + 1].before < begin) ++bounded_;
    float most = blocks_[bounded_].most_share;
    for (size_t i = bounded_ + 1; i < blocks_.size() && blocks_[i].before + 1 < end; ++i) {
      most = std::max(most, blocks_[i].most_share);
    }
    return most;
  }

 private:
  static constexpr uint32_t kEnd = UINT32_MAX;

  // To the last block that begins behind a row below `row`, where that is ahead.
  void LeapTo(uint32_t row) {
    const uint32_t following = (count_ - left_ - 1) / kPostingsBlock + 1;
    if (following >= blocks_.size() || blocks_[following].before >= row) return;
    const auto found = std::partition_point(blocks_.begin() + following + 1, blocks_.end(),
                                            [&](const LexicalBlock& block) { return block.before < row; });
    const auto block = static_cast<uint32_t>(found - blocks_.begin()) - 1;
    left_ = count_ - block * kPostingsBlock;
    row_ = blocks_[block].before;
    at_ = list_ + blocks_[block].offset;
    Next();
  }

  const char* list_;
  const char* at_;  // what has not been read
  uint32_t count_;
  uint32_t left_;
  uint32_t row_ = 0;  // kEnd behind the last
  uint32_t frequency_ = 0;
  std::span<const LexicalBlock> blocks_;
  size_t bounded_ = 0;  // the block that MostShare begins at
};

}  // namespace freshet::store
