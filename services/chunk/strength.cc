#include "services/chunk/strength.h"

#include <bit>
#include <cstring>

namespace freshet::chunk {
namespace {

uint64_t Mix(uint64_t hash) {
  hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCD;
  hash = (hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53;
  return hash ^ hash >> 33;
}

uint64_t Rank(Edge edge, uint64_t hash) { return static_cast<uint64_t>(edge) << 62 | hash >> 2; }

// Little-endian, so that cuts are the same everywhere.
uint64_t Load(const char* bytes, size_t count) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t number = 0;
  std::memcpy(&number, bytes, count);
  return number;
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

uint64_t CutHash(std::string_view bytes) {
  uint64_t hash = bytes.size() * 0x9E3779B97F4A7C15;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) hash = std::rotl(hash ^ Load(&bytes[at], 8) * 0x87C37B91114253D5, 29) * 5 + 1;
  if (at < bytes.size()) hash ^= Load(&bytes[at], bytes.size() - at) * 0x4CF5AD432745937F;
  return Mix(hash);
}

uint64_t Combine(uint64_t first, uint64_t second) { return Mix(std::rotl(first, 23) * 0x9E3779B97F4A7C15 ^ second); }

Strength StrengthOf(Edge edge, std::string_view text) {
  uint64_t least = UINT64_MAX, all = 0, before = 0;
  size_t words = 0, at = 0;
  while (at < text.size()) {
    while (at < text.size() && IsSpace(text[at])) ++at;
    const size_t begin = at;
    while (at < text.size() && !IsSpace(text[at])) ++at;
    if (at == begin) break;
    const uint64_t word = CutHash(text.substr(begin, at - begin));
    if (words++ > 0) least = std::min(least, Combine(before, word));
    all = Combine(all, word);
    before = word;
  }
  // Mixed once more: the least of many is small, and long units would else be stronger than short ones.
  return {.rank = Rank(edge, words < 2 ? all : Mix(least)), .tie = all};
}

Strength StrengthOfWord(uint64_t word, uint64_t next, uint64_t after_next) {
  const uint64_t hash = Combine(Combine(word, next), after_next);
  return {.rank = Rank(Edge::kWord, hash), .tie = hash};
}

}  // namespace freshet::chunk
