// NearWords: the words of some identities' names with one typing error each. Internal to roster_match.cc.
//
//   NearWords near(identities);
//   near.IsAlone(word, token)        // "Ostrnader": long enough to be told from other words, and no word itself
//   near.IsBeside(word, token)       // "Jhon", where the rest of the name stands beside it
//
// A typing error is a letter more, less or other, or two neighbours exchanged, behind the first letter. The identities
// must outlive it. One thread.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "services/deid/forms.h"
#include "services/deid/text.h"

namespace freshet::deid {

class NearWords {
 public:
  explicit NearWords(std::span<const IdentityForms* const> identities);

  bool IsAlone(std::string_view word, const Token& token) const;
  // As it should be written counts too. In lower case it must be no other word.
  bool IsBeside(std::string_view word, const Token& token) const;

 private:
  bool MayBeNear(std::string_view word, const Token& token) const;

  std::span<const IdentityForms* const> identities_;
  bool any_ = false;
  std::array<uint32_t, 26> lengths_{};
};

// A word of the language, or of clinical prose.
bool IsOtherWord(std::string_view word, uint64_t hash);

}  // namespace freshet::deid
