// Generations: which of a collection's indexes is served, and what makes each of them.
//
//   state.generations[collection] = {.served = 2, .previous = 1, .next = 3, .recipes = {{1, "a"}, {2, "b"}}};
//
// A generation is an index of its own (Space): documents, chunks, vectors, words, under its own key prefix. A recipe
// names what makes its chunks and vectors. This record is the one place that says which of them queries read: a switch
// is one write of it. A collection that never had a second generation has no record, and its oldest one is served.
//
//   record := 1 served previous next count (number recipe:bytes)*        numbers are varints (wire.h)
//
// Decoding: corrupt_store; configuration for a record of a newer version. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet::store {

struct GenerationTable {
  uint32_t served = 0;
  uint32_t previous = 0;  // served before; what a rollback goes to. 0: none
  uint32_t next = 0;      // numbers are never used again
  std::map<uint32_t, std::string> recipes;

  // 0 where none is made by this.
  uint32_t MadeBy(std::string_view recipe) const;
  bool operator==(const GenerationTable&) const = default;
};

std::string Encode(const GenerationTable& generations);
Result<GenerationTable> DecodeGenerations(std::string_view value);

}  // namespace freshet::store
