#include "services/deid/text.h"

#include "services/deid/fold.h"

namespace freshet::deid {
namespace {

bool IsAscii(std::string_view bytes) {
  unsigned char all = 0;
  for (const char byte : bytes) all |= static_cast<unsigned char>(byte);
  return all < 0x80;
}

}  // namespace

void Text::Assign(std::string_view source) {
  source_ = source;
  is_ascii_ = IsAscii(source);
  tokenised_ = false;
  folded_.clear();
  places_.clear();
  if (!is_ascii_) Fold(source, folded_, places_);
}

const std::vector<Token>& Text::tokens() const {
  if (!tokenised_) {
    tokens_.clear();
    Tokenise(folded(), tokens_);
    tokenised_ = true;
  }
  return tokens_;
}

Range Text::ToSource(Range folded) const {
  if (is_ascii_) return folded;
  uint32_t end = folded.end;
  // One character may have become several bytes: an end amid them is the end of the character.
  while (end > folded.begin && end < folded_.size() && places_[end] == places_[end - 1]) ++end;
  return {places_[folded.begin], places_[end]};
}

void Tokenise(std::string_view folded, std::vector<Token>& tokens) {
  const auto size = static_cast<uint32_t>(folded.size());
  for (uint32_t at = 0; at < size;) {
    if (!IsWord(folded[at])) {
      ++at;
      continue;
    }
    Token token{.begin = at, .hash = kHashSeed, .upper = IsAlpha(folded[at]) && !IsLower(folded[at])};
    for (; at < size && IsWord(folded[at]); ++at) {
      const char c = folded[at];
      token.hash = HashByte(token.hash, static_cast<unsigned char>(ToLower(c)));
      (IsDigit(c) ? token.has_digit : token.has_alpha) = true;
    }
    token.end = at;
    tokens.push_back(token);
  }
}

}  // namespace freshet::deid
