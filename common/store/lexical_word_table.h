// LexicalWordTable: words and their numbers, in the order in which they were first met.
//
//   LexicalWordTable words;
//   uint32_t number = words.NumberOf("ada");      // the same each time; a new word's is size() before the call
//   std::string_view text = words.text(number);   // until the next new word
//
// All words together are at most 4 GB. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/store/lexical_terms.h"

namespace freshet::store {

class LexicalWordTable {
 public:
  size_t size() const { return words_.size(); }
  std::string_view text(uint32_t number) const {
    return std::string_view(texts_).substr(words_[number].text, words_[number].size);
  }

  uint32_t NumberOf(std::string_view word) {
    const uint64_t hash = WordHash(word);
    const size_t mask = slots_.size() - 1;
    size_t slot = hash & mask;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
      const uint32_t number = slots_[slot] - 1;
      if (words_[number].hash == hash && text(number) == word) return number;
    }
    words_.push_back({hash, static_cast<uint32_t>(texts_.size()), static_cast<uint32_t>(word.size())});
    texts_.append(word);
    slots_[slot] = static_cast<uint32_t>(words_.size());
    if (2 * words_.size() > slots_.size()) Grow();
    return static_cast<uint32_t>(words_.size() - 1);
  }

  void Clear() { *this = LexicalWordTable(); }

 private:
  struct Word {
    uint64_t hash;
    uint32_t text;  // where it begins in texts_
    uint32_t size;  // in bytes
  };
  static constexpr size_t kFirstSlots = 1 << 12;

  void Grow() {
    slots_.assign(2 * slots_.size(), 0);
    const size_t mask = slots_.size() - 1;
    for (uint32_t number = 0; number < words_.size(); ++number) {
      size_t slot = words_[number].hash & mask;
      while (slots_[slot] != 0) slot = (slot + 1) & mask;
      slots_[slot] = number + 1;
    }
  }

  std::string texts_;
  std::vector<Word> words_;
  std::vector<uint32_t> slots_ = std::vector<uint32_t>(kFirstSlots, 0);  // open addressing, linear; number + 1, or 0
};

}  // namespace freshet::store
