// LexicalTerms: the words of one segment, sorted, with where their postings lie; found by hash.
//
//   LexicalTerms terms;
//   terms.Append("ada", {.postings = 0, .count = 3});  terms.Seal();
//   uint32_t term = terms.Find("ada");                 // or kNoTerm
//
// Immutable once sealed: then any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace freshet::store {

inline uint64_t WordHash(std::string_view word) {
  constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  uint64_t hash = word.size() * kMultiplier;
  const char* at = word.data();
  size_t left = word.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t piece;
    std::memcpy(&piece, at, 8);
    hash = (hash ^ piece) * kMultiplier;
    hash ^= hash >> 32;
  }
  uint64_t piece = 0;
  if (left > 0) std::memcpy(&piece, at, left);
  hash = (hash ^ piece) * kMultiplier;
  return hash ^ (hash >> 29);
}

struct LexicalTerm {
  uint64_t postings = 0;   // where they begin
  uint64_t positions = 0;  // where these begin
  uint32_t count = 0;      // of postings: entries that hold the word
  uint32_t text_end = 0;   // set by Append
};

class LexicalTerms {
 public:
  static constexpr uint32_t kNoTerm = UINT32_MAX;

  // Of words in ascending order of their bytes; all of them together are at most 4 GB.
  void Append(std::string_view text, LexicalTerm term);
  void Seal();
  void Reserve(size_t terms, size_t text_bytes);

  size_t size() const { return terms_.size(); }
  const LexicalTerm& operator[](size_t index) const { return terms_[index]; }
  std::string_view text(size_t index) const {
    const uint32_t begin = index == 0 ? 0 : terms_[index - 1].text_end;
    return std::string_view(texts_).substr(begin, terms_[index].text_end - begin);
  }
  uint32_t Find(std::string_view word, uint64_t hash) const;
  uint32_t Find(std::string_view word) const { return Find(word, WordHash(word)); }

  size_t MemoryBytes() const;

 private:
  std::string texts_;
  std::vector<LexicalTerm> terms_;
  std::vector<uint32_t> slots_;  // open addressing, linear; index of the term + 1, 0 where free
};

}  // namespace freshet::store
