// Strengths of units from their text (units.h says what they are for).
#pragma once

#include <string_view>

#include "services/chunk/units.h"

namespace freshet::chunk {

// What a unit is the beginning of, strongest first.
enum class Edge : uint8_t { kBlock, kItem, kSentence, kWord };

// Hash of bytes for choosing cuts: fast, the same on every machine and in every release, not for security.
uint64_t CutHash(std::string_view bytes);

// One hash of several, order included.
uint64_t Combine(uint64_t first, uint64_t second);

// Of a sentence, item, row or line.
Strength StrengthOf(Edge edge, std::string_view text);

// Of a word in a long sentence, from the word and those behind it.
Strength StrengthOfWord(uint64_t word, uint64_t next, uint64_t after_next);

}  // namespace freshet::chunk
