// WordsCounter: approximates sub-word token counts without a model's vocabulary; deterministic, for every script.
//
// A run of letters, marks and digits is a word of 1 + (code points - 1) / 6 tokens (pieces of six code points); each
// Han, Hiragana, Katakana or Hangul character, and every other visible code point (punctuation, symbols), is a token of
// its own. Whitespace, control and format characters are in no token. Against the tokens of all-MiniLM-L6-v2 the README
// has figures.
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
