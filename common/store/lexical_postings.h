// PostingCursor: walks one word's postings in one segment, block by block, and leaps over blocks nobody asks for.
//
//   PostingCursor cursor(segment, term);
//   while (!cursor.done() && cursor.row() < end) { ... cursor.frequency() ...; cursor.Next(); }
//   if (cursor.SeekTo(row)) ... cursor.frequency()
//
// Moves forward only. One thread; the segment must outlive it.
#pragma once

#include <algorithm>
#include <array>
#include <tuple>

#include "common/store/lexical_segment.h"

namespace freshet::store {

class PostingCursor {
 public:
  PostingCursor(const LexicalSegment& segment, uint32_t term)
      : list_(segment.postings.view().data() + segment.terms[term].postings),
        at_(list_),
        count_(segment.terms[term].count) {
    std::tie(skips_, skips_end_) = segment.SkipsOf(term);
    ReadBlock();
  }

  bool done() const { return index_ == size_; }
  uint32_t row() const { return rows_[index_]; }
  uint32_t frequency() const { return frequencies_[index_]; }

  void Next() {
    if (++index_ == size_) ReadBlock();
  }

  // To the first posting at or behind `row`; true where it is of `row`.
  bool SeekTo(uint32_t row) {
    if (done()) return false;
    if (rows_[size_ - 1] < row && skips_ != skips_end_) LeapTo(row);
    while (!done() && rows_[size_ - 1] < row) {
      index_ = size_;
      ReadBlock();
    }
    if (done()) return false;
    while (rows_[index_] < row) ++index_;  // most often a few: who seeks does so often
    return rows_[index_] == row;
  }

 private:
  // Reads the block at `at_`; at the end of the list the cursor is done.
  void ReadBlock() {
    size_ = std::min(count_ - read_, kPostingsBlock);
    index_ = 0;
    read_ += size_;
    const char* at = at_;
    uint32_t row = last_row_;
    for (uint32_t i = 0; i < size_; ++i) {
      const uint32_t code = ReadVint(at);
      row += code >> 1;
      rows_[i] = row;
      frequencies_[i] = (code & 1) != 0 ? 1 : ReadVint(at);
    }
    last_row_ = row;
    at_ = at;
  }

  // To the last block that begins behind a row below `row`, where that is ahead.
  void LeapTo(uint32_t row) {
    const LexicalSkip* const found =
        std::lower_bound(skips_ + (read_ - 1) / kPostingsBlock, skips_end_, row,
                         [](const LexicalSkip& skip, uint32_t wanted) { return skip.row < wanted; });
    const auto block = static_cast<uint32_t>(found - skips_);  // skip i - 1 is where block i begins
    if (block * kPostingsBlock <= read_) return;
    read_ = block * kPostingsBlock;
    last_row_ = skips_[block - 1].row;
    at_ = list_ + skips_[block - 1].offset;
    ReadBlock();
  }

  const char* list_;
  const char* at_;
  uint32_t count_;
  uint32_t read_ = 0;  // postings up to and with the present block
  uint32_t last_row_ = 0;
  uint32_t index_ = 0;
  uint32_t size_ = 0;
  const LexicalSkip* skips_ = nullptr;
  const LexicalSkip* skips_end_ = nullptr;
  std::array<uint32_t, kPostingsBlock> rows_;
  std::array<uint32_t, kPostingsBlock> frequencies_;
};

}  // namespace freshet::store
