// BertText: a text as BERT's uncased models see it: words, lower-case and without accents, with their source bytes.
//
//   BertText words(text);
//   while (words.Next(word)) { word.text == "sjogren"; word.begin_of[0], word.end_of[6] ... }
//
// Control, format and private-use characters and U+FFFD vanish; whitespace separates; Han ideographs, punctuation and
// ASCII symbols are words of their own; the rest is decomposed (NFD), loses its non-spacing marks and is lower-cased,
// as in the BasicTokenizer of the BERT paper's code (Devlin et al., 2019) and Hugging Face's BertNormalizer and
// BertPreTokenizer, with which it agrees exactly. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace freshet::model {

struct BertWord {
  std::string text;
  // Of each byte of `text`: where the source character that it comes from begins and ends.
  std::vector<uint32_t> begin_of;
  std::vector<uint32_t> end_of;
  size_t characters = 0;

  void Clear();
};

class BertText {
 public:
  // `text` is valid UTF-8 and outlives this; offsets are counted from `origin`.
  explicit BertText(std::string_view text, uint32_t origin = 0) : text_(text), origin_(origin) {}

  // False behind the last word.
  bool Next(BertWord& word);

 private:
  bool AddNonAscii(BertWord& word, size_t begin);

  std::string_view text_;
  uint32_t origin_;
  size_t at_ = 0;
  // A decomposed character may hold punctuation in its middle, which ends one word and is the next.
  std::vector<char32_t> pending_;
  size_t pending_at_ = 0;
  uint32_t pending_begin_ = 0;
  uint32_t pending_end_ = 0;
};

}  // namespace freshet::model
