#include "services/deid/judges.h"

#include <algorithm>
#include <string>

namespace freshet::deid {

char CharBefore(const Match& match) { return match.begin == 0 ? '\0' : match.text[match.begin - 1]; }
char CharAfter(const Match& match) { return match.end >= match.text.size() ? '\0' : match.text[match.end]; }

bool IsBounded(const Match& match) { return !IsWord(CharBefore(match)) && !IsWord(CharAfter(match)); }

bool HasWordBefore(std::string_view text, uint32_t at, uint32_t window, std::initializer_list<std::string_view> words) {
  const uint32_t from = at > window ? at - window : 0;
  std::string near(text.substr(from, at - from));
  std::transform(near.begin(), near.end(), near.begin(), ToLower);
  for (const std::string_view word : words) {
    for (size_t found = near.find(word); found != std::string::npos; found = near.find(word, found + 1)) {
      const size_t end = found + word.size();
      if ((found == 0 || !IsAlpha(near[found - 1])) && (end == near.size() || !IsAlpha(near[end]))) return true;
    }
  }
  return false;
}

std::string WordBefore(std::string_view text, uint32_t at) {
  uint32_t end = at;
  while (end > 0 && at - end < 3 && (IsSpace(text[end - 1]) || text[end - 1] == ':')) --end;
  uint32_t begin = end;
  while (begin > 0 && end - begin < 24 && IsWord(text[begin - 1])) --begin;
  std::string word(text.substr(begin, end - begin));
  std::transform(word.begin(), word.end(), word.begin(), ToLower);
  return word;
}

bool JudgeBounded(const Match& match, Finding&) { return IsBounded(match); }

}  // namespace freshet::deid
