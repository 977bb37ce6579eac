#include "services/deid/near_words.h"

#include <algorithm>

#include "services/deid/form_collector.h"
#include "services/deid/lexicon.h"
#include "services/deid/tagger_model.h"

namespace freshet::deid {
namespace {

constexpr size_t kLongestWord = 31;

bool Holds(const std::vector<uint64_t>& ascending, uint64_t hash) {
  return std::binary_search(ascending.begin(), ascending.end(), hash);
}

std::string Lower(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
  return lower;
}

}  // namespace

NearWords::NearWords(std::span<const IdentityForms* const> identities) : identities_(identities) {
  for (const IdentityForms* const identity : identities) {
    any_ |= !identity->near.empty() || !identity->near_beside.empty();
    for (size_t i = 0; i < lengths_.size(); ++i) lengths_[i] |= identity->near_lengths[i];
  }
}

// One letter more or less, or as many.
bool NearWords::MayBeNear(std::string_view word, const Token& token) const {
  if (!token.upper || token.has_digit || word.size() + 1 < kShortestTypo || word.size() > kLongestWord) return false;
  const auto letter = static_cast<size_t>(ToLower(word.front()) - 'a');
  return letter < lengths_.size() && (lengths_[letter] >> (word.size() - 1) & 7) != 0;
}

bool NearWords::IsAlone(std::string_view word, const Token& token) const {
  if (!any_ || !MayBeNear(word, token)) return false;
  bool near = false;
  ForEachNear(word, [&](uint64_t hash) {
    near = near || std::any_of(identities_.begin(), identities_.end(),
                               [&](const IdentityForms* identity) { return Holds(identity->near, hash); });
  });
  return near && !IsOtherWord(word, token.hash);
}

bool NearWords::IsBeside(std::string_view word, const Token& token) const {
  if (!any_ || token.has_digit || word.size() < 2 || word.size() > kLongestWord) return false;
  if (token.upper ? IsFunctionWord(Lower(word)) : IsOtherWord(word, token.hash)) return false;
  bool near = false;
  ForEachNear(word, [&](uint64_t hash) {
    near = near || std::any_of(identities_.begin(), identities_.end(), [&](const IdentityForms* identity) {
             return Holds(identity->near, hash) || Holds(identity->near_beside, hash);
           });
  });
  return near;
}

bool IsOtherWord(std::string_view word, uint64_t hash) {
  if (IsCommonWord(Lower(word))) return true;
  const Result<const TaggerModel*> words = TaggerModel::Get();
  return words.ok() && ((*words)->WordBits(hash) & word_list::kCommon) != 0;
}

}  // namespace freshet::deid
