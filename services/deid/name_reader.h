// NameReader: reads a person's name forward or backward from a token. Internal to names.cc.
//
//   NameReader reader(text);   std::optional<Range> name = reader.Forward(i, NameForm::kPlain);
#pragma once

#include <optional>

#include "services/deid/lexicon.h"
#include "services/deid/text.h"

namespace freshet::deid {

enum class NameForm : uint8_t {
  kPlain,   // "Ada M. Quill"
  kListed,  // as in a field: also "QUILL, ADA M"
};

class NameReader {
 public:
  explicit NameReader(const Text& text) : text_(text.folded()), tokens_(text.tokens()), lexicon_(Lexicon::Get()) {}

  size_t size() const { return tokens_.size(); }
  const Token& token(size_t i) const { return tokens_[i]; }
  uint32_t ClassesOf(size_t i) const { return i < tokens_.size() ? lexicon_.ClassesOf(tokens_[i].hash) : 0; }
  std::string_view TextOf(size_t i) const { return text_.substr(tokens_[i].begin, tokens_[i].size()); }
  // What stands before token i, after the token before it.
  std::string_view GapBefore(size_t i) const;

  // Could be part of a name: begins with a capital, has no digit, is no word that never is a name.
  bool IsNameWord(size_t i) const;
  bool IsInitial(size_t i) const { return i < size() && tokens_[i].size() == 1 && tokens_[i].upper; }
  // "disease", "'s sign": what token i stands before makes it an eponym.
  bool IsEponym(size_t i) const;

  struct Name {
    Range range;
    size_t last = 0;   // its last token
    size_t words = 0;  // tokens of more than one letter
  };
  // A name that begins with token i; nothing where it is none.
  std::optional<Name> Forward(size_t i, NameForm form) const;
  // A name that ends with token i.
  std::optional<Name> Backward(size_t i) const;

 private:
  size_t BehindParticles(size_t i) const;
  bool Continues(size_t i, NameForm form, size_t first) const;
  std::optional<Name> Finish(size_t first, size_t last) const;

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const Lexicon& lexicon_;
};

}  // namespace freshet::deid
