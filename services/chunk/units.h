// Units: the smallest pieces that chunks are made of, in sections, in text order.
//
// Sections end where a heading begins. A unit is a sentence of a paragraph, a list item or table row (its sentences
// where it is long), a line of code; a unit with more tokens than a chunk has room for is taken apart into words, and a
// word that is still too long into pieces that end on grapheme boundaries. Text between blocks counts as a paragraph of
// the block before it. A heading with neither text nor headings under it becomes a unit of its own, in its parent's
// path. A unit of a table that is not in the table's first row carries that row's block: its header.
//
// Each unit has a strength as the beginning of a chunk: first by structure (a block, an item or row, a sentence, a word
// of a long sentence), then by a hash of its own text, taken as the least of the hashes of its pairs of neighbouring
// words: so most small edits of a sentence leave its strength as it was.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "common/model/token_counter.h"
#include "schemas/clean.h"

namespace freshet::chunk {

inline constexpr uint32_t kNoBlock = UINT32_MAX;

// How much a chunk likes to begin here; less is stronger.
struct Strength {
  uint64_t rank = 0;  // structure in the two highest bits, the least pair hash below
  uint64_t tie = 0;   // hash of the whole text
  auto operator<=>(const Strength&) const = default;
};

struct Unit {
  uint32_t begin = 0;  // bytes, without whitespace at either end
  uint32_t end = 0;
  uint32_t block = 0;
  uint32_t tokens = 0;
  uint32_t header_row = kNoBlock;
  bool torn = false;  // a piece of a word: tokens of neighbours do not simply add up
  Strength strength;
};

struct Section {
  std::vector<uint32_t> path;  // heading blocks, outermost first
  uint32_t room = 0;           // tokens that a chunk of it may have besides its context
  size_t unit_begin = 0;
  size_t unit_end = 0;
};

struct UnitList {
  std::vector<Unit> units;
  std::vector<Section> sections;  // those that have units
};

struct UnitSource {
  std::string_view text;  // valid UTF-8
  std::span<const Block> blocks;
  const model::TokenCounter& counter;
  // Tokens that a chunk has room for under these section blocks; at least 16.
  std::function<uint32_t(const std::vector<uint32_t>& section)> room;
};

// Replaces `out`. Linear in the text; any thread.
void BuildUnits(const UnitSource& source, UnitList& out);

}  // namespace freshet::chunk
