// WordsCounter: approximates sub-word token counts without a model's vocabulary; deterministic, for every script.
//
// A run of letters, marks and digits is a word of 1 + (code points - 1) / 6 tokens (pieces of six code points); every
// other visible code point (punctuation, symbols) is a token of its own, and so is each Han, Hiragana, Katakana or
// Hangul-free ideograph, which WordPiece takes one by one. Whitespace and control characters are in no token.
#pragma once

#include "common/model/token_counter.h"

namespace freshet::model {

class WordsCounter final : public TokenCounter {
 public:
  std::string_view name() const override { return "words"; }
  size_t Count(std::string_view text) const override;
  void TokenEnds(std::string_view text, std::vector<uint32_t>& ends) const override;
};

}  // namespace freshet::model
