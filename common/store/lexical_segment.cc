#include "common/store/lexical_segment.h"

#include <algorithm>
#include <bit>

namespace freshet::store {

namespace {

// The smallest place from `first` on whose document is not below `wanted`, most often near: galloping.
template <class DocumentAt>
size_t NotBelow(size_t first, size_t size, uint32_t wanted, DocumentAt document_at) {
  size_t step = 1;
  while (first + step < size && document_at(first + step) < wanted) {
    first += step;
    step *= 2;
  }
  size_t end = std::min(first + step, size);
  while (first < end) {
    const size_t middle = first + (end - first) / 2;
    if (document_at(middle) < wanted) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first;
}

// Visits the places whose documents are wanted; documents ascend by place.
template <class DocumentAt, class Visit>
void ForEachOf(const Roaring& wanted, size_t size, DocumentAt document_at, Visit visit) {
  size_t at = 0;
  for (const uint32_t document : wanted) {
    at = NotBelow(at, size, document, document_at);
    for (; at < size && document_at(at) == document; ++at) visit(at);
    if (at == size) return;
  }
}

}  // namespace

std::span<const LexicalBlock> LexicalSegment::BlocksOf(uint32_t term) const {
  const auto found = std::lower_bound(first_blocks.begin(), first_blocks.end(), std::pair(term, 0u));
  if (found == first_blocks.end() || found->first != term) return {};
  return std::span(blocks).subspan(found->second, (terms[term].count + kPostingsBlock - 1) / kPostingsBlock);
}

std::vector<uint32_t> LexicalSegment::RowsOf(const Roaring& wanted) const {
  std::vector<uint32_t> found;
  if (rows_by_document.empty()) {
    ForEachOf(
        wanted, rows(), [this](size_t at) { return documents[at]; }, [&](size_t row) { found.push_back(row); });
    return found;
  }
  std::vector<uint64_t> bits((rows() + 63) / 64);  // sorts them
  ForEachOf(
      wanted, rows(), [this](size_t at) { return rows_by_document[at].first; },
      [&](size_t at) {
        const uint32_t row = rows_by_document[at].second;
        bits[row / 64] |= uint64_t{1} << (row % 64);
      });
  for (uint32_t word = 0; word < bits.size(); ++word) {
    for (uint64_t left = bits[word]; left != 0; left &= left - 1) {
      found.push_back(64 * word + static_cast<uint32_t>(std::countr_zero(left)));
    }
  }
  return found;
}

void LexicalSegment::AddRow(const LexicalRow& row) {
  chunks.push_back(row.chunk.value);
  documents.push_back(row.document.value);
  lengths.push_back(row.length);
  words += row.length;
}

void LexicalSegment::IndexRows() {
  if (std::is_sorted(documents.begin(), documents.end())) return;
  rows_by_document.reserve(rows());
  for (uint32_t row = 0; row < rows(); ++row) rows_by_document.emplace_back(documents[row], row);
  std::sort(rows_by_document.begin(), rows_by_document.end());
}

bool LexicalSegment::IndexPostings() {
  MostShare most_share((Saturation(MeanLength())));
  for (uint32_t term = 0; term < terms.size(); ++term) {
    const uint64_t end = term + 1 < terms.size() ? terms[term + 1].postings : postings.size();
    const uint32_t count = terms[term].count;
    if (count == 0 || count > rows() || end > postings.size()) return false;
    if (end < terms[term].postings + count) return false;
    if (count < kBlocksFrom) continue;
    first_blocks.emplace_back(term, static_cast<uint32_t>(blocks.size()));
    const char* const begin = postings.view().data() + terms[term].postings;
    const char* at = begin;
    uint32_t row = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (i % kPostingsBlock == 0) blocks.push_back({.before = row, .offset = static_cast<uint32_t>(at - begin)});
      uint32_t frequency = 0;
      ReadPosting(at, i + 1 == count, row, frequency);
      if (row >= rows()) return false;
      most_share.Add(frequency, lengths[row]);
      if ((i + 1) % kPostingsBlock == 0 || i + 1 == count) blocks.back().most_share = most_share.Take();
    }
    if (at != postings.view().data() + end) return false;
  }
  blocks.shrink_to_fit();
  return true;
}

size_t LexicalSegment::MemoryBytes() const {
  return sizeof(*this) + terms.MemoryBytes() + postings.capacity() +
         (chunks.capacity() + documents.capacity() + lengths.capacity()) * sizeof(uint32_t) +
         blocks.capacity() * sizeof(LexicalBlock) +
         (first_blocks.capacity() + rows_by_document.capacity()) * sizeof(first_blocks[0]);
}

void LexicalSegmentBuilder::StartWord(std::string_view word) {
  word_ = word;
  term_ = {.postings = segment_->postings.size(), .positions = positions_->size()};
  last_row_ = 0;
  first_block_ = segment_->blocks.size();
  most_share_ = MostShare(Saturation(segment_->MeanLength()));
}

void LexicalSegmentBuilder::AddPosting(uint32_t row, uint32_t frequency) {
  LexicalBytes& postings = segment_->postings;
  if (term_.count % kPostingsBlock == 0) {
    if (term_.count > 0) segment_->blocks.back().most_share = most_share_.Take();
    const auto offset = static_cast<uint32_t>(postings.size() - term_.postings);
    segment_->blocks.push_back({.before = last_row_, .offset = offset});
  }
  const uint64_t code = static_cast<uint64_t>(row - last_row_) << 1;
  if (frequency == 1) {
    postings.PutVint(code | 1);
  } else {
    postings.PutVint(code);
    postings.PutVint(frequency);
  }
  most_share_.Add(frequency, segment_->lengths[row]);
  last_row_ = row;
  ++term_.count;
}

void LexicalSegmentBuilder::FinishWord() {
  if (term_.count >= kBlocksFrom) {
    segment_->blocks.back().most_share = most_share_.Take();
    segment_->first_blocks.emplace_back(static_cast<uint32_t>(segment_->terms.size()),
                                        static_cast<uint32_t>(first_block_));
  } else {
    segment_->blocks.resize(first_block_);
  }
  if (term_.count > 0) segment_->terms.Append(word_, term_);
}

BuiltSegment LexicalSegmentBuilder::Finish() {
  segment_->IndexRows();
  segment_->terms.Seal();
  segment_->postings.Shrink();
  positions_->Shrink();
  return {std::move(segment_), std::move(positions_)};
}

}  // namespace freshet::store
