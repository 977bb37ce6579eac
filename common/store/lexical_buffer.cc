#include "common/store/lexical_buffer.h"

#include <algorithm>
#include <bit>

#include "common/store/analyzer.h"

namespace freshet::store {
namespace {

// An occurrence is the number of its word, with kSamePlace where it only adds weight to the one before; or kGap.
constexpr uint32_t kSamePlace = 0x80000000;
constexpr uint32_t kGap = UINT32_MAX;
constexpr uint32_t kGapPlaces = 100;  // between two fields: no phrase reaches across
constexpr size_t kFirstSlots = 1 << 12;
constexpr size_t kMostWords = 1 << 20;  // that are remembered from one segment to the next

// The first eight bytes as a number that sorts as they do.
uint64_t PrefixOf(std::string_view text) {
  uint64_t prefix = 0;
  std::memcpy(&prefix, text.data(), std::min<size_t>(8, text.size()));
  return __builtin_bswap64(prefix);
}

}  // namespace

LexicalBuffer::LexicalBuffer() : slots_(kFirstSlots, 0) {}

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
    if (words_[number].count == 0) touched_.push_back(number);
    words_[number].count += weight;
    length += weight;
  }
  if (length > 0) occurrences_.push_back(kGap);
  return length;
}

uint32_t LexicalBuffer::NumberOf(std::string_view word) {
  const uint64_t hash = WordHash(word);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Word& known = words_[slots_[slot] - 1];
    if (known.hash == hash && TextOf(known) == word) return slots_[slot] - 1;
  }
  words_.push_back({hash, static_cast<uint32_t>(texts_.size()), static_cast<uint32_t>(word.size()), 0});
  texts_.append(word);
  slots_[slot] = static_cast<uint32_t>(words_.size());
  if (2 * words_.size() > slots_.size()) GrowSlots();
  return static_cast<uint32_t>(words_.size() - 1);
}

void LexicalBuffer::GrowSlots() {
  slots_.assign(2 * slots_.size(), 0);
  const size_t mask = slots_.size() - 1;
  for (uint32_t number = 0; number < words_.size(); ++number) {
    size_t slot = words_[number].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = number + 1;
  }
}

std::vector<uint32_t> LexicalBuffer::SortedWords() const {
  std::vector<std::pair<uint64_t, uint32_t>> keys;
  keys.reserve(touched_.size());
  for (const uint32_t number : touched_) keys.emplace_back(PrefixOf(TextOf(words_[number])), number);
  std::sort(keys.begin(), keys.end(), [this](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return TextOf(words_[a.second]) < TextOf(words_[b.second]);
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
  for (const uint32_t number : words) total += std::exchange(words_[number].count, total);
  std::vector<Occurrence> sorted(total);
  uint64_t at = 0;
  for (uint32_t row = 0; row < rows_.size(); ++row) {
    uint32_t next = 0;
    for (; at < rows_[row].end; ++at) {
      const uint32_t occurrence = occurrences_[at];
      if (occurrence == kGap) {
        next += kGapPlaces;
      } else if ((occurrence & kSamePlace) != 0) {
        sorted[words_[occurrence & ~kSamePlace].count++] = {row, next - 1};
      } else {
        sorted[words_[occurrence].count++] = {row, next++};
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
  builder.positions().Reserve(sorted.size() + sorted.size() / 4);
  builder.segment().postings.Reserve(sorted.size());
  builder.segment().terms.Reserve(words.size(), words.size() * 10);
  size_t at = 0;
  for (const uint32_t number : words) {
    builder.StartWord(TextOf(words_[number]));
    for (const size_t end = words_[number].count; at < end;) {
      const size_t first = at;
      uint32_t position = 0;
      for (; at < end && sorted[at].row == sorted[first].row; ++at) {
        builder.positions().PutVint(sorted[at].position - position);
        position = sorted[at].position;
      }
      builder.AddPosting(sorted[first].row, static_cast<uint32_t>(at - first));
    }
    builder.FinishWord();
    words_[number].count = 0;
  }
  for (const Row& row : rows_) builder.AddRow(row.row);
  Forget();
  return builder.Finish();
}

void LexicalBuffer::Forget() {
  touched_.clear();
  occurrences_.clear();
  rows_.clear();
  if (words_.size() <= kMostWords) return;
  words_.clear();
  texts_.clear();
  slots_.assign(kFirstSlots, 0);
}

}  // namespace freshet::store
