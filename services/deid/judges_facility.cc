#include <algorithm>

#include "services/deid/judges.h"
#include "services/deid/lexicon.h"
#include "services/deid/place_words.h"
#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

constexpr int kMaxWords = 5;

// Part of many a facility's name, but none by itself.
bool IsGeneric(std::string_view lower) {
  static constexpr std::string_view kGeneric[] = {
      "general",  "community", "university", "regional",   "memorial",    "county",    "city",      "state",
      "national", "veterans",  "va",         "children's", "women's",     "pain",      "memory",    "sleep",
      "eye",      "dental",    "diabetes",   "emergency",  "outpatient",  "inpatient", "specialty", "specialist",
      "primary",  "urgent",    "medical",    "health",     "cancer",      "the",       "our",       "your",
      "local",    "teaching",  "mental",     "public",     "psychiatric", "acute",     "walk-in",   "wound",
      "heart",    "stroke",    "genetics",   "trauma",     "surgery"};
  return std::find(std::begin(kGeneric), std::end(kGeneric), lower) != std::end(kGeneric);
}

template <size_t kSize>
bool IsOneOf(const std::string_view (&words)[kSize], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool IsSaint(std::string_view word) { return word == "St." || word == "St" || word == "Mt." || word == "Mount"; }

bool IsFacilityNoun(std::string_view lower) {
  static constexpr std::string_view kNouns[] = {"hospital", "hospitals", "clinic",  "clinics", "center",
                                                "centre",   "medical",   "health",  "care",    "general",
                                                "office",   "infirmary", "hospice", "system",  "group"};
  return std::find(std::begin(kNouns), std::end(kNouns), lower) != std::end(kNouns);
}

// A word that may stand within a facility's name.
bool IsNamePart(std::string_view word) {
  if (word.empty() || !IsUpper(word[0])) return false;
  const std::string lower = Lower(word);
  return IsPlaceWord(word) || IsSaint(word) || IsGeneric(lower) || IsFacilityNoun(lower) ||
         (Lexicon::Get().ClassesOf(lower) & (word::kState | word::kGivenName)) != 0;
}

// A word that only a name has.
bool IsTelling(std::string_view word) {
  const std::string lower = Lower(word);
  const uint32_t classes = Lexicon::Get().ClassesOf(lower);
  if (IsGeneric(lower) || IsFacilityNoun(lower) || (classes & word::kEponymNoun) != 0) return false;
  return (classes & word::kNotName) == 0 || (classes & (word::kCommon | word::kState)) != 0 || IsSaint(word);
}

// "at General Hospital", without an article: what a place goes by whose full name everybody knows.
bool IsCalledSo(std::string_view text, size_t begin, size_t noun) {
  static constexpr std::string_view kCalled[] = {"general",    "memorial", "county",   "community", "regional",
                                                 "university", "city",     "veterans", "va",        "children's"};
  static constexpr std::string_view kBefore[] = {" at ", " to ", " from ", " in "};
  const std::string_view before = text.substr(begin < 6 ? 0 : begin - 6, std::min<size_t>(begin, 6));
  const std::string_view hospital = text.substr(noun);
  return (hospital.starts_with("Hospital") || hospital.starts_with("Medical C") || hospital.starts_with("Clinic ")) &&
         begin < noun && IsOneOf(kCalled, Lower(text.substr(begin, text.find(' ', begin) - begin))) &&
         std::any_of(std::begin(kBefore), std::end(kBefore),
                     [&](std::string_view word) { return before.ends_with(word); });
}

// ", Boston", " in Los Angeles", " of Ohio" after a facility's name.
size_t WithItsTown(std::string_view text, size_t end) {
  for (const std::string_view joint : {" in ", " of ", ", "}) {
    if (!text.substr(end).starts_with(joint)) continue;
    const size_t town = TakePlace(text, end + joint.size());
    const std::string_view after = text.substr(std::min(town, text.size()), 2);
    // After a comma only what ends there: another clause may begin with a name.
    const bool closed = joint != ", " || after.starts_with(",") || after.starts_with(".") || after.starts_with(" (");
    if (town > end + joint.size() && closed) return town;
  }
  return end;
}

}  // namespace

bool JudgeFacility(const Match& match, Finding& finding) {
  if (IsWord(CharAfter(match))) return false;
  size_t begin = match.begin;
  bool telling = false;
  for (int words = 0; words < kMaxWords; ++words) {
    if (begin == 0 || match.text[begin - 1] != ' ') break;
    size_t word_begin = 0;
    const std::string_view word = WordEndingAt(match.text, begin - 1, word_begin);
    const bool sentence_end = words > 0 && word.ends_with('.') && !IsSaint(word);
    if (!IsNamePart(word) || sentence_end) break;
    telling |= IsTelling(word);
    begin = word_begin;
  }
  if (!telling && !IsCalledSo(match.text, begin, match.begin)) return false;
  finding.begin = static_cast<uint32_t>(begin);
  finding.end = static_cast<uint32_t>(WithItsTown(match.text, match.end));
  return true;
}

bool JudgeSeenAt(const Match& match, Finding& finding) {
  size_t end = match.end;
  bool telling = false;
  for (int words = 0; words < kMaxWords; ++words) {
    const size_t begin = words == 0 ? end : end + 1;
    if (begin >= match.text.size() || (words > 0 && match.text[end] != ' ')) break;
    size_t stop = begin;
    while (stop < match.text.size() && stop - begin < 30 && IsPlaceByte(match.text[stop])) ++stop;
    const bool saint = IsSaint(match.text.substr(begin, stop - begin));
    while (!saint && stop > begin && match.text[stop - 1] == '.') --stop;
    const std::string_view word = match.text.substr(begin, stop - begin);
    if (!IsNamePart(word) || (Lexicon::Get().ClassesOf(Lower(word)) & word::kWeekday) != 0) break;
    telling |= IsTelling(word);
    end = stop;
  }
  if (end == match.end || !telling) return false;
  finding.begin = match.end;
  finding.end = static_cast<uint32_t>(WithItsTown(match.text, end));
  return true;
}

bool JudgeSeenIn(const Match& match, Finding& finding) {
  const size_t end = TakePlace(match.text, match.end);
  if (end == match.end) return false;
  const std::string_view after = match.text.substr(end);
  static constexpr std::string_view kAfter[] = {" on ", " office", " since ", " branch", " location", " campus"};
  const auto follows = [&](std::string_view word) { return after.starts_with(word); };
  if (std::none_of(std::begin(kAfter), std::end(kAfter), follows)) return false;
  const std::string place = Lower(match.text.substr(match.end, end - match.end));
  // "our New York office" is in the town.
  const bool ours = match.matched().starts_with("our ") && !follows(" on ") && !follows(" since ");
  if ((IsState(place) && !ours) || IsCountry(place) || !IsTelling(match.text.substr(match.end, end - match.end)))
    return false;
  finding.begin = match.end;
  finding.end = static_cast<uint32_t>(end);
  return true;
}

}  // namespace freshet::deid
