// TokenCounter: how long a text is in the tokens of an embedding model, and where it may be cut to keep a limit.
//
//   model::WordsCounter counter;
//   counter.Count("Give 5 mg q.i.d.")            // 9
//   std::vector<uint32_t> ends;  counter.TokenEnds("Give 5 mg", ends);   // {4, 6, 9}
//
// Text is valid UTF-8. Token ends are byte offsets past each token, never descending, on code point boundaries; behind
// the last end nothing is counted. Counts of two texts add up where one of them begins or ends with whitespace at the
// joint. Implementations are immutable: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace freshet::model {

class TokenCounter {
 public:
  virtual ~TokenCounter() = default;

  virtual std::string_view name() const = 0;  // "words": part of the name of a chunker
  virtual size_t Count(std::string_view text) const = 0;
  // Replaces `ends`; Count(text) many.
  virtual void TokenEnds(std::string_view text, std::vector<uint32_t>& ends) const = 0;
  // Tokens that the model adds around every text and that count towards its limit ([CLS] and [SEP]).
  virtual size_t specials() const { return 0; }
  // Tokens at which the model cuts a text off, specials included; 0: it tells of none.
  virtual size_t limit() const { return 0; }
};

}  // namespace freshet::model
