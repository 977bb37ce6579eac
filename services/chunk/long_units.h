// Takes apart what is too long for a chunk: first into words, then a word into pieces.
//
//   LongUnits long_units(counter);
//   long_units.Append(text, {.begin = 0, .end = 4'000'000}, 246, units);
//
// Pieces of a word end where the counter's tokens end, moved on to the end of a grapheme cluster (UAX #29) unless that
// alone is half a chunk long; so letters keep their marks and emoji their parts. One thread at a time.
#pragma once

#include <unicode/brkiter.h>

#include <memory>
#include <string_view>
#include <vector>

#include "common/model/token_counter.h"
#include "services/chunk/units.h"
#include "services/chunk/visible.h"

namespace freshet::chunk {

class LongUnits {
 public:
  explicit LongUnits(const model::TokenCounter& counter) : counter_(counter) {}

  // Appends units for `whole` (trimmed, of `whole.block`), the first as strong as `whole` is.
  void Append(std::string_view text, const Unit& whole, uint32_t room, std::vector<Unit>& units);

 private:
  void AppendWord(std::string_view text, Unit word, uint32_t room, std::vector<Unit>& units);
  uint32_t GraphemeEnd(std::string_view word, uint32_t at);

  const model::TokenCounter& counter_;
  std::unique_ptr<icu::BreakIterator> graphemes_;  // made when first needed
  std::vector<uint32_t> ends_;
  std::vector<Range> words_;
};

}  // namespace freshet::chunk
