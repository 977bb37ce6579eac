#include "services/deid/place_words.h"

#include <algorithm>

#include "services/deid/lexicon.h"
#include "services/deid/text.h"

namespace freshet::deid {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
  return lower;
}

bool IsPlaceByte(char c) { return IsWord(c) || c == '.' || c == '\'' || c == '-'; }

std::string_view WordEndingAt(std::string_view text, size_t at, size_t& begin) {
  begin = at;
  while (begin > 0 && at - begin < 30 && IsPlaceByte(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

bool IsPlaceWord(std::string_view word) {
  if (word.empty() || IsLower(word[0]) || !IsAlpha(word[0])) return false;
  const uint32_t classes = Lexicon::Get().ClassesOf(Lower(word));
  if (classes & word::kCommon) return true;
  return (classes & (word::kNotName | word::kTitle | word::kStaffTitle | word::kCredential | word::kByVerb)) == 0;
}

size_t TakePlace(std::string_view text, size_t at) {
  size_t end = at;
  for (int words = 0; words < 3; ++words) {
    const size_t begin = words == 0 ? at : end + 1;
    if (words > 0 && (end >= text.size() || text[end] != ' ')) break;
    size_t stop = begin;
    while (stop < text.size() && stop - begin < 30 && IsPlaceByte(text[stop]) && text[stop] != '.') ++stop;
    if (!IsPlaceWord(text.substr(begin, stop - begin))) break;
    end = stop;
  }
  return end;
}

}  // namespace freshet::deid
