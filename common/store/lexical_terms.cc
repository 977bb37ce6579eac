#include "common/store/lexical_terms.h"

#include <bit>

namespace freshet::store {

void LexicalTerms::Append(std::string_view text, LexicalTerm term) {
  texts_.append(text);
  term.text_end = static_cast<uint32_t>(texts_.size());
  terms_.push_back(term);
}

void LexicalTerms::Reserve(size_t terms, size_t text_bytes) {
  terms_.reserve(terms);
  texts_.reserve(text_bytes);
}

void LexicalTerms::Seal() {
  texts_.shrink_to_fit();
  terms_.shrink_to_fit();
  slots_.assign(std::bit_ceil(terms_.size() + terms_.size() / 2 + 1), 0);
  const size_t mask = slots_.size() - 1;
  for (uint32_t i = 0; i < terms_.size(); ++i) {
    size_t slot = WordHash(text(i)) & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = i + 1;
  }
}

uint32_t LexicalTerms::Find(std::string_view word, uint64_t hash) const {
  if (slots_.empty()) return kNoTerm;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    if (text(slots_[slot] - 1) == word) return slots_[slot] - 1;
  }
  return kNoTerm;
}

size_t LexicalTerms::MemoryBytes() const {
  return texts_.capacity() + terms_.capacity() * sizeof(LexicalTerm) + slots_.capacity() * sizeof(uint32_t);
}

}  // namespace freshet::store
