#include "common/store/lexical_scorer.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace freshet::store {
namespace {

uint32_t ToUnits(float score) { return static_cast<uint32_t>(score * kUnits + 0.5f); }

}  // namespace

SegmentScorer::SegmentScorer(const LexicalSegment& segment, const ScoringTask& task)
    : segment_(segment),
      saturation_(segment.MeanLength()),
      task_(task),
      hits_(task.hits),
      scores_(task.window.scores),
      touched_(task.window.touched) {
  words_.reserve(task.words);
}

void SegmentScorer::AddWord(uint32_t term, float weight) {
  Word& word = words_.emplace_back(PostingCursor(segment_, term), weight);
  word.bound = BoundIn(word, 0, UINT64_MAX);
}

void SegmentScorer::Run() {
  std::stable_sort(words_.begin(), words_.end(), [](const Word& a, const Word& b) { return a.bound < b.bound; });
  if (task_.fewest != nullptr) return RunThrough(*task_.fewest);
  for (uint64_t begin = 0; NextWindow(begin); begin += kScoredAtOnce) {
    if (!FindEssential(begin)) continue;
    for (size_t i = essential_; i < words_.size(); ++i) Accumulate(words_[i], static_cast<uint32_t>(begin));
    Collect(static_cast<uint32_t>(begin));
  }
}

// What no score of the word in these rows exceeds, rounding included.
uint32_t SegmentScorer::BoundIn(Word& word, uint64_t begin, uint64_t end) const {
  const float share = task_.saturation.Bound(word.cursor.MostShare(begin, end), saturation_);
  return ToUnits(word.weight * share) + 1;
}

// Where its cursor stands.
uint32_t SegmentScorer::ScoreOf(const Word& word, uint32_t row) const {
  return ToUnits(word.weight * task_.saturation.Share(word.cursor.frequency(), segment_.lengths[row]));
}

// The search turned around: not through what the words stand in, but through what may be read.
void SegmentScorer::RunThrough(const Filter::Bitmap& wanted) {
  if (words_.empty()) return;
  for (Word& word : words_) rest_ += word.window_bound = word.bound;
  essential_ = words_.size();
  for (const uint32_t row : segment_.RowsOf(wanted.documents)) {
    uint32_t score = 0;
    if (AddRest(row, score)) Take(row, score);
  }
}

// Moves `begin` on to the next row with a word that can make a hit somewhere. False where there is none.
bool SegmentScorer::NextWindow(uint64_t& begin) {
  while (useless_ < words_.size() && !hits_.CouldTake(useless_bound_ + words_[useless_].bound)) {
    useless_bound_ += words_[useless_++].bound;
  }
  uint64_t next = UINT64_MAX;
  for (size_t i = useless_; i < words_.size(); ++i) {
    PostingCursor& cursor = words_[i].cursor;
    cursor.SeekTo(static_cast<uint32_t>(begin));
    if (!cursor.done()) next = std::min<uint64_t>(next, cursor.row());
  }
  begin = std::max(begin, next);
  return next != UINT64_MAX;
}

// Words below essential_ together cannot make a hit of a row in this window. False where no words can.
bool SegmentScorer::FindEssential(uint64_t begin) {
  essential_ = 0;
  rest_ = 0;
  for (Word& word : words_) word.window_bound = BoundIn(word, begin, begin + kScoredAtOnce);
  while (essential_ < words_.size() && !hits_.CouldTake(rest_ + words_[essential_].window_bound)) {
    rest_ += words_[essential_++].window_bound;
  }
  return essential_ < words_.size();
}

void SegmentScorer::Accumulate(Word& word, uint32_t begin) {
  const uint64_t end = static_cast<uint64_t>(begin) + kScoredAtOnce;
  PostingCursor& cursor = word.cursor;
  for (cursor.SeekTo(begin); !cursor.done() && cursor.row() < end; cursor.Next()) {
    const uint32_t row = cursor.row();
    if (task_.few != nullptr && !task_.few->Contains(DocumentOrdinal(segment_.documents[row]))) continue;
    const uint32_t place = row - begin;
    scores_[place] += ScoreOf(word, row);
    touched_[place / 64] |= uint64_t{1} << (place % 64);
  }
}

void SegmentScorer::Collect(uint32_t begin) {
  for (uint32_t word = 0; word < touched_.size(); ++word) {
    for (uint64_t bits = std::exchange(touched_[word], 0); bits != 0; bits &= bits - 1) {
      const uint32_t place = 64 * word + static_cast<uint32_t>(std::countr_zero(bits));
      uint32_t score = std::exchange(scores_[place], 0);
      if (!hits_.CouldTake(score + rest_)) continue;
      AddRest(begin + place, score);
      Take(begin + place, score);
    }
  }
}

// Adds what the words below essential_ give, the most first, until it is clear that it is not enough. Whether one did.
bool SegmentScorer::AddRest(uint32_t row, uint32_t& score) {
  uint32_t rest = rest_;
  bool found = false;
  for (size_t i = essential_; i > 0 && hits_.CouldTake(score + rest); --i) {
    Word& word = words_[i - 1];
    rest -= word.window_bound;
    if (!hits_.CouldTake(score + rest + BoundIn(word, row, row + 1))) return found;
    if (!word.cursor.SeekTo(row)) continue;
    found = true;
    score += ScoreOf(word, row);
  }
  return found;
}

// The score first: what else is asked lies far apart in memory.
void SegmentScorer::Take(uint32_t row, uint32_t score) {
  if (!hits_.CouldTake(score)) return;
  const DocumentOrdinal document(segment_.documents[row]);
  if (task_.accept.documents != nullptr && !task_.accept.documents->Contains(document)) return;
  const ChunkOrdinal chunk(segment_.chunks[row]);
  if (!hits_.WouldTake(score, chunk)) return;
  if (task_.accept.live && !task_.accept.live(chunk, document)) return;
  hits_.Take(score, chunk, document);
}

}  // namespace freshet::store
