#include <algorithm>
#include <string>

#include "services/deid/judges.h"
#include "services/deid/lexicon.h"
#include "services/deid/place_words.h"
#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

bool IsDirection(std::string_view word) {
  static constexpr std::string_view kDirections[] = {"n",  "s",  "e",  "w",  "ne",    "nw",    "se",   "sw",
                                                     "n.", "s.", "e.", "w.", "north", "south", "east", "west"};
  return std::find(std::begin(kDirections), std::end(kDirections), Lower(word)) != std::end(kDirections);
}

// ", Apt. 4B", " Suite 960", " #12".
size_t WithUnit(std::string_view text, size_t end) {
  Scanner scan(text, end);
  scan.Take('.');
  scan.Take(',');
  scan.SkipSpaces();
  bool unit = false;
  for (const std::string_view word : {"apartment", "apt", "suite", "ste", "unit", "floor", "room", "rm", "no"}) {
    unit = unit || scan.TakeWord(word);
  }
  unit |= scan.Peek() == '#';
  if (!unit) return end;
  scan.Take('.');
  scan.SkipSpaces();
  scan.Take('#');
  size_t at = scan.at();
  while (at < text.size() && at - scan.at() < 8 && IsWord(text[at])) ++at;
  return at > scan.at() ? at : end;
}

// ", Springfield, IL 62704": taken only where a state or a postal code proves it.
size_t WithTown(std::string_view text, size_t end) {
  Scanner scan(text, end);
  scan.Take('.');
  scan.Take(',');
  scan.SkipSpaces();
  const size_t town = TakePlace(text, scan.at());
  if (town == scan.at()) return end;
  Scanner rest(text, town);
  rest.Take(',');
  rest.SkipSpaces();
  size_t state = rest.at();
  while (state < text.size() && IsAlpha(text[state])) ++state;
  const bool has_state = state > rest.at() && IsState(Lower(text.substr(rest.at(), state - rest.at())));
  Scanner zip(text, has_state ? state : rest.at());
  zip.Take(',');
  zip.SkipSpaces();
  const size_t zip_begin = zip.at();
  if (zip.TakeNumber().digits == 5 && zip.at() > zip_begin) return zip.at();
  return has_state ? state : end;
}

}  // namespace

bool JudgeStreet(const Match& match, Finding& finding) {
  if (!IsBounded(match)) return false;
  size_t begin = match.begin;
  bool lower = false;
  for (int words = 0; words < 6; ++words) {
    if (begin == 0 || (match.text[begin - 1] != ' ' && match.text[begin - 1] != '\n')) return false;
    size_t word_begin = 0;
    const std::string_view word = WordEndingAt(match.text, begin - 1, word_begin);
    if (word.empty()) return false;
    if (IsDigit(word[0]) && words > 0 && !std::any_of(word.begin(), word.end(), [](char c) { return c == '.'; }) &&
        word.size() <= 8 && !(IsAlpha(word.back()) && word.size() > 2 && IsLower(word.back()) && words == 0)) {
      finding.begin = static_cast<uint32_t>(word_begin);
      break;
    }
    const bool numbered = IsDigit(word[0]);  // "5th Street"
    const bool state = IsUpper(word[0]) && IsState(Lower(word));
    if (!numbered && !state && !IsPlaceWord(word) && !IsDirection(word)) {
      if (words > 1 || word.size() < 3 || (Lexicon::Get().ClassesOf(Lower(word)) & word::kNotName) != 0) return false;
      lower = true;
    }
    begin = word_begin;
    if (words == 5) return false;
  }
  if (finding.begin == match.begin) return false;
  // "12 elm street": only where the word for a street is nothing else.
  const std::string suffix = Lower(match.matched());
  const bool plain =
      suffix == "street" || suffix == "avenue" || suffix == "road" || suffix == "boulevard" || suffix == "lane";
  if (lower && !plain) return false;
  if (lower) finding.score = 0.6f;
  finding.end = static_cast<uint32_t>(WithTown(match.text, WithUnit(match.text, match.end)));
  return true;
}

// "62704", "SW1A 1AA", "394 13", "7412 SL": up to two short groups with a digit among them.
bool JudgeKeyedZip(const Match& match, Finding& finding) {
  if (!IsBounded(match)) return false;
  Scanner scan(match.text, match.end);
  scan.SkipSpaces();
  if (scan.TakeWord("code") || scan.TakeWord("is")) scan.SkipSpaces();
  if (scan.Take(':') || scan.Take('#')) scan.SkipSpaces();
  if (scan.TakeWord("is")) scan.SkipSpaces();
  size_t end = scan.at();
  size_t digits = 0;
  for (int groups = 0; groups < 2; ++groups) {
    size_t at = groups == 0 ? end : end + 1;
    if (groups > 0 && (end >= match.text.size() || (match.text[end] != ' ' && match.text[end] != '-'))) break;
    const size_t begin = at;
    size_t here = 0, lower = 0;
    for (; at < match.text.size() && at - begin < 8 && IsWord(match.text[at]); ++at) {
      here += IsDigit(match.text[at]);
      lower += IsLower(match.text[at]);
    }
    const size_t size = at - begin;
    // After the first group: "SL", "1AA", "6789", and not the next word.
    if (size == 0 || size > (groups == 0 ? 7u : 4u) || (groups > 0 && here == 0 && (size > 2 || lower > 0))) break;
    if (groups == 0 && here == 0 && size > 3) return false;
    digits += here;
    end = at;
  }
  if (digits < 2) return false;
  finding.begin = static_cast<uint32_t>(scan.at());
  finding.end = static_cast<uint32_t>(end);
  return true;
}

// "the corner of Elm Street and 5th Avenue": both names, of up to five words that begin with capitals or digits; in
// lower case of four, and the second ends with the first word that means a street.
bool JudgeCorner(const Match& match, Finding& finding) {
  if (IsWord(CharBefore(match))) return false;
  size_t end = match.end;
  int second = 0;  // words of the second name, and the joint
  bool lower = false, ended = false;
  for (int words = 0; words < 11 && !ended; ++words) {
    const size_t begin = words == 0 ? end : end + 1;
    if (words > 0 && (end >= match.text.size() || match.text[end] != ' ')) break;
    size_t stop = begin;
    while (stop < match.text.size() && stop - begin < 30 && IsPlaceByte(match.text[stop])) ++stop;
    const std::string_view word = match.text.substr(begin, stop - begin);
    if (word.empty()) break;
    const bool joint = words > 0 && second == 0 && (EqualsIgnoringCase(word, "and") || word == "&");
    const uint32_t classes = Lexicon::Get().ClassesOf(Lower(word));
    if (words == 0) lower = IsLower(word[0]) && (classes & (word::kParticle | word::kNotName)) == 0;
    const bool particle = (classes & word::kParticle) != 0 || words == 0 || word == "ul.";
    if (!joint && !lower && IsLower(word[0]) && !particle) break;
    second += second > 0 || joint;
    ended = lower && second > 1 && !OtherStreetWord(Lower(word)).empty();
    if (lower && second > 5) return false;
    end = stop;
  }
  while (end > match.end && match.text[end - 1] == '.') --end;
  if (second < 2 || (lower && !ended)) return false;
  finding.end = static_cast<uint32_t>(end);
  return true;
}

bool JudgeStateZip(const Match& match, Finding& finding) {
  if (!IsBounded(match) || !IsState(Lower(match.matched().substr(0, 2)))) return false;
  finding.begin = match.begin + 2;
  while (!IsDigit(match.text[finding.begin])) ++finding.begin;
  return true;
}

bool JudgeCityState(const Match& match, Finding& finding) {
  const std::string_view matched = match.matched();
  const std::string state = Lower(matched.substr(matched.find_first_not_of(", \n")));
  if (IsWord(CharAfter(match)) || !IsState(state)) return false;
  // These two letters after a name are a degree more often than a state.
  const bool degree =
      state == "md" || state == "pa" || state == "ms" || state == "ma" || state == "or" || state == "in";
  if (degree) {
    Scanner zip(match.text, match.end);
    zip.SkipSpaces();
    if (zip.TakeNumber().digits != 5) return false;
  }
  size_t begin = match.begin;
  for (int words = 0; words < 3; ++words) {
    const size_t word_end = words == 0 ? begin : begin - 1;
    if (words > 0 && (begin == 0 || match.text[begin - 1] != ' ')) break;
    size_t word_begin = 0;
    if (!IsPlaceWord(WordEndingAt(match.text, word_end, word_begin))) break;
    begin = word_begin;
  }
  if (begin == match.begin) return false;
  finding.begin = static_cast<uint32_t>(begin);
  finding.end = match.begin;
  return true;
}

bool JudgeLivesIn(const Match& match, Finding& finding) {
  if (IsWord(CharBefore(match))) return false;
  const size_t end = TakePlace(match.text, match.end);
  if (end == match.end) return false;
  const std::string place = Lower(match.text.substr(match.end, end - match.end));
  if (IsState(place) || IsCountry(place)) return false;
  finding.begin = match.end;
  finding.end = static_cast<uint32_t>(end);
  return true;
}

}  // namespace freshet::deid
