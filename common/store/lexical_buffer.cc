#include "common/store/lexical_buffer.h"

#include <algorithm>
#include <bit>

#include "common/store/analyzer.h"

namespace freshet::store {
namespace {

// An occurrence is the number of its word, with kSamePlace where it only adds weight to the one before; or kGap.
constexpr uint32_t kSamePlace = 0x80000000;
constexpr uint32_t kGap = UINT32_MAX;
constexpr uint32_t kGapPlaces = 100;    // between two fields: no phrase reaches across
constexpr size_t kMostWords = 1 << 20;  // that are remembered from one segment to the next

// The first eight bytes as a number that sorts as they do.
uint64_t PrefixOf(std::string_view text) {
  uint64_t prefix = 0;
  std::memcpy(&prefix, text.data(), std::min<size_t>(8, text.size()));
  return __builtin_bswap64(prefix);
}

}  // namespace

void LexicalBuffer::Add(const LexicalEntry& entry) {
  uint32_t length = AddField(entry.title, kHeadingWeight);
  length += AddField(entry.section, kHeadingWeight);
  length += AddField(entry.text, 1);
  rows_.push_back({{entry.chunk, entry.document, length}, occurrences_.size()});
}

uint32_t LexicalBuffer::AddField(std::string_view text, uint32_t weight) {
  uint32_t length = 0;
  WordReader reader(text);
  std::string_view word;
  while (reader.Next(word)) {
    const uint32_t number = NumberOf(word);
    occurrences_.push_back(number);
    for (uint32_t i = 1; i < weight; ++i) occurrences_.push_back(number | kSamePlace);
    if (counts_[number] == 0) touched_.push_back(number);
    counts_[number] += weight;
    length += weight;
  }
  if (length > 0) occurrences_.push_back(kGap);
  return length;
}

uint32_t LexicalBuffer::NumberOf(std::string_view word) {
  const uint32_t number = words_.NumberOf(word);
  if (number == stem_of_.size()) {
    stem_of_.push_back(stems_.NumberOf(stemmer_.Stem(word)));
    counts_.resize(stems_.size());
  }
  return stem_of_[number];
}

std::vector<uint32_t> LexicalBuffer::SortedWords() const {
  std::vector<std::pair<uint64_t, uint32_t>> keys;
  keys.reserve(touched_.size());
  for (const uint32_t number : touched_) keys.emplace_back(PrefixOf(stems_.text(number)), number);
  std::sort(keys.begin(), keys.end(), [this](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return stems_.text(a.second) < stems_.text(b.second);
  });
  std::vector<uint32_t> words;
  words.reserve(keys.size());
  for (const auto& [prefix, number] : keys) words.push_back(number);
  return words;
}

// Occurrences by word, in the order of `words`, within a word by row and position. Leaves each word's count as the
// end of its run.
std::vector<LexicalBuffer::Occurrence> LexicalBuffer::SortOccurrences(const std::vector<uint32_t>& words) {
  uint32_t total = 0;
  for (const uint32_t number : words) total += std::exchange(counts_[number], total);
  std::vector<Occurrence> sorted(total);
  uint64_t at = 0;
  for (uint32_t row = 0; row < rows_.size(); ++row) {
    uint32_t next = 0;
    for (; at < rows_[row].end; ++at) {
      const uint32_t occurrence = occurrences_[at];
      if (occurrence == kGap) {
        next += kGapPlaces;
      } else if ((occurrence & kSamePlace) != 0) {
        sorted[counts_[occurrence & ~kSamePlace]++] = {row, next - 1};
      } else {
        sorted[counts_[occurrence]++] = {row, next++};
      }
    }
  }
  return sorted;
}

BuiltSegment LexicalBuffer::Flush() {
  if (rows_.empty()) return {};
  const std::vector<uint32_t> words = SortedWords();
  const std::vector<Occurrence> sorted = SortOccurrences(words);
  LexicalSegmentBuilder builder;
  for (const Row& row : rows_) builder.AddRow(row.row);
  builder.positions().Reserve(sorted.size() + sorted.size() / 4);
  builder.segment().postings.Reserve(sorted.size());
  builder.segment().terms.Reserve(words.size(), words.size() * 10);
  size_t at = 0;
  for (const uint32_t number : words) {
    builder.StartWord(stems_.text(number));
    for (const size_t end = counts_[number]; at < end;) {
      const size_t first = at;
      uint32_t position = 0;
      for (; at < end && sorted[at].row == sorted[first].row; ++at) {
        builder.positions().PutVint(sorted[at].position - position);
        position = sorted[at].position;
      }
      builder.AddPosting(sorted[first].row, static_cast<uint32_t>(at - first));
    }
    builder.FinishWord();
    counts_[number] = 0;
  }
  Forget();
  return builder.Finish();
}

void LexicalBuffer::Forget() {
  touched_.clear();
  occurrences_.clear();
  rows_.clear();
  if (words_.size() <= kMostWords) return;
  words_.Clear();
  stem_of_.clear();
  stems_.Clear();
  counts_.clear();
}

}  // namespace freshet::store
