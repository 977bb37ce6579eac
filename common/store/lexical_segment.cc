#include "common/store/lexical_segment.h"

#include <algorithm>

namespace freshet::store {

std::pair<const LexicalSkip*, const LexicalSkip*> LexicalSegment::SkipsOf(uint32_t term) const {
  const auto found = std::lower_bound(skip_starts.begin(), skip_starts.end(), std::pair(term, 0u));
  if (found == skip_starts.end() || found->first != term) return {nullptr, nullptr};
  const LexicalSkip* begin = skips.data() + found->second;
  return {begin, begin + (terms[term].count - 1) / kPostingsBlock};
}

void LexicalSegment::AddRow(const LexicalRow& row) {
  chunks.push_back(row.chunk.value);
  documents.push_back(row.document.value);
  lengths.push_back(row.length);
  words += row.length;
  shortest = std::min(shortest, row.length);
}

bool LexicalSegment::IndexPostings() {
  for (uint32_t term = 0; term < terms.size(); ++term) {
    const uint64_t end = term + 1 < terms.size() ? terms[term + 1].postings : postings.size();
    if (terms[term].count == 0 || terms[term].count > rows() || end > postings.size()) return false;
    if (end < terms[term].postings + terms[term].count) return false;
    if (terms[term].count < kSkippedFrom) continue;
    skip_starts.emplace_back(term, static_cast<uint32_t>(skips.size()));
    const char* const begin = postings.view().data() + terms[term].postings;
    const char* at = begin;
    uint32_t row = 0;
    for (uint32_t i = 0; i < terms[term].count; ++i) {
      if (i > 0 && i % kPostingsBlock == 0) skips.push_back({row, static_cast<uint32_t>(at - begin)});
      const uint32_t code = ReadVint(at);
      row += code >> 1;
      if ((code & 1) == 0) ReadVint(at);
    }
    if (row >= rows() || at != postings.view().data() + end) return false;
  }
  skips.shrink_to_fit();
  return true;
}

size_t LexicalSegment::MemoryBytes() const {
  return sizeof(*this) + terms.MemoryBytes() + postings.capacity() +
         (chunks.capacity() + documents.capacity() + lengths.capacity()) * sizeof(uint32_t) +
         skips.capacity() * sizeof(LexicalSkip) + skip_starts.capacity() * sizeof(skip_starts[0]);
}

void LexicalSegmentBuilder::StartWord(std::string_view word) {
  word_ = word;
  term_ = {.postings = segment_->postings.size(), .positions = positions_->size()};
  last_row_ = 0;
  first_skip_ = segment_->skips.size();
}

void LexicalSegmentBuilder::AddPosting(uint32_t row, uint32_t frequency) {
  LexicalBytes& postings = segment_->postings;
  if (term_.count > 0 && term_.count % kPostingsBlock == 0) {
    segment_->skips.push_back({last_row_, static_cast<uint32_t>(postings.size() - term_.postings)});
  }
  const uint64_t code = static_cast<uint64_t>(row - last_row_) << 1;
  if (frequency == 1) {
    postings.PutVint(code | 1);
  } else {
    postings.PutVint(code);
    postings.PutVint(frequency);
  }
  last_row_ = row;
  ++term_.count;
}

void LexicalSegmentBuilder::FinishWord() {
  if (term_.count >= kSkippedFrom) {
    segment_->skip_starts.emplace_back(static_cast<uint32_t>(segment_->terms.size()),
                                       static_cast<uint32_t>(first_skip_));
  } else {
    segment_->skips.resize(first_skip_);
  }
  if (term_.count > 0) segment_->terms.Append(word_, term_);
}

BuiltSegment LexicalSegmentBuilder::Finish() {
  segment_->terms.Seal();
  segment_->postings.Shrink();
  positions_->Shrink();
  return {std::move(segment_), std::move(positions_)};
}

}  // namespace freshet::store
