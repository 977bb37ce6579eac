#include <algorithm>
#include <string>

#include "services/deid/dates.h"
#include "services/deid/judges.h"
#include "services/deid/lexicon.h"
#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

bool Accept(const std::optional<Range>& range, Finding& finding) {
  if (!range) return false;
  finding.begin = range->begin;
  finding.end = range->end;
  return true;
}

bool IsDateContext(const Match& match) {
  return HasWordBefore(match.text, match.begin, 24,
                       {"date", "dob", "born", "birth", "on", "since", "dated", "seen", "admitted", "discharged",
                        "until", "visit", "appointment", "appt", "expires", "expired", "died", "signed", "scheduled"});
}

// "Monday through Friday", "Mon/Wed/Fri": a habit, not a day.
bool IsAmongWeekdays(const Match& match) {
  const auto is_weekday = [](std::string_view word) {
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
    return (Lexicon::Get().ClassesOf(lower) & word::kWeekday) != 0;
  };
  Scanner scan(match.text, match.end);
  scan.Take(',');
  scan.SkipSpaces();
  for (const std::string_view joint : {"through", "thru", "to", "and", "or", "-", "/", "&"}) {
    if (scan.TakeWord(joint)) break;
  }
  scan.SkipSpaces();
  size_t end = scan.at();
  while (end < match.text.size() && IsAlpha(match.text[end])) ++end;
  if (is_weekday(match.text.substr(scan.at(), end - scan.at()))) return true;
  const uint32_t from = match.begin > 24 ? match.begin - 24 : 0;
  std::vector<Token> tokens;
  const std::string_view before = match.text.substr(from, match.begin - from);
  Tokenise(before, tokens);
  for (size_t back = 1; back <= 2 && back <= tokens.size(); ++back) {
    const Token& token = tokens[tokens.size() - back];
    if (is_weekday(before.substr(token.begin, token.size()))) return true;
  }
  return false;
}

int SmallNumber(std::string_view digits) { return Scanner(digits, 0).TakeNumber().value; }

}  // namespace

bool JudgeNumericDate(const Match& match, Finding& finding) {
  if (!Accept(MatchNumericDate(match.text, match.begin), finding)) return false;
  // "1.2.13" and "1-2-13" are rather a section or a count.
  const std::string_view date = match.text.substr(finding.begin, finding.end - finding.begin);
  const bool weak = date.size() < 8 && date.find('/') == std::string_view::npos;
  if (weak && !IsDateContext(match)) finding.score = 0.4f;
  return true;
}

bool JudgeMonth(const Match& match, Finding& finding) {
  if (IsAlpha(CharBefore(match)) || IsWord(CharAfter(match))) return false;
  const std::string_view name = match.matched();
  const bool ambiguous = EqualsIgnoringCase(name, "may") || EqualsIgnoringCase(name, "march") ||
                         EqualsIgnoringCase(name, "mar") || EqualsIgnoringCase(name, "sep") ||
                         EqualsIgnoringCase(name, "dec") || EqualsIgnoringCase(name, "jan");
  const bool upper = IsUpper(name[0]);
  if (Accept(MatchMonthDate(match.text, {match.begin, match.end}), finding)) {
    // "they may 3 times": a lower-case word needs a day before it or a year after it.
    const bool day_before = finding.begin < match.begin;
    const bool year_after = finding.end - match.end >= 6;
    return upper || !ambiguous || day_before || year_after;
  }
  if (!upper || name.size() < 4) return false;
  const std::string before = WordBefore(match.text, match.begin);
  static constexpr std::string_view kLeads[] = {"in", "since", "until", "last",    "next", "early", "late",  "mid",
                                                "of", "by",    "from",  "through", "till", "this",  "during"};
  if (std::find(std::begin(kLeads), std::end(kLeads), before) == std::end(kLeads)) return false;
  finding.score = 0.55f;
  return true;
}

bool JudgeGluedMonth(const Match& match, Finding&) {
  const std::string_view matched = match.matched();
  const int day = SmallNumber(matched);
  const size_t month = matched.find_first_not_of("0123456789");
  return IsBounded(match) && IsCalendarDate(0, MonthOf(matched.substr(month, 3)), day);
}

bool JudgeDayAndMonth(const Match& match, Finding& finding) {
  static constexpr std::string_view kLeads[] = {"on",    "since", "dated",      "date",     "seen",  "admitted",
                                                "until", "dob",   "discharged", "tomorrow", "today", "yesterday"};
  const std::string before = WordBefore(match.text, match.begin);
  if (std::find(std::begin(kLeads), std::end(kLeads), before) == std::end(kLeads)) return false;
  return Accept(MatchDayAndMonth(match.text, match.begin), finding);
}

bool JudgeMonthAndYear(const Match& match, Finding& finding) {
  if (!Accept(MatchMonthAndYear(match.text, match.begin), finding)) return false;
  // "2010-12" may be a span of years.
  if (match.matched().find('-') != std::string_view::npos && !IsDateContext(match)) finding.score = 0.4f;
  return true;
}

bool JudgeWeekday(const Match& match, Finding&) { return IsBounded(match) && !IsAmongWeekdays(match); }

bool JudgeAge(const Match& match, Finding& finding) {
  if (!IsBounded(match)) return false;
  const std::string_view matched = match.matched();
  const size_t first = matched.find_first_of("0123456789");
  size_t last = first;
  while (last < matched.size() && IsDigit(matched[last])) ++last;
  const char before = first == 0 ? CharBefore(match) : matched[first - 1];
  if (before == '.' || before == '-' || before == '/' || SmallNumber(matched.substr(first)) < 90) return false;
  // "90 years" alone is a duration; "90 years old", "90-year-old", "is 93 years" an age.
  if (first == 0 && ToLower(matched[matched.find_first_not_of(" -", last)]) == 'y' && matched.size() - last > 4) {
    Scanner scan(match.text, match.end);
    scan.Take('-');
    scan.SkipSpaces();
    bool age = false;
    for (const std::string_view word :
         {"old", "olds", "of age", "female", "male", "man", "woman", "lady", "gentleman", "pt", "patient"}) {
      age = age || scan.TakeWord(word);
    }
    const std::string lead = WordBefore(match.text, match.begin);
    if (!age && lead != "is" && lead != "was" && lead != "aged" && lead != "age" && lead != "turned") return false;
  }
  finding.begin = match.begin + static_cast<uint32_t>(first);
  finding.end = match.begin + static_cast<uint32_t>(last);
  return true;
}

bool JudgeSpelledAge(const Match& match, Finding&) { return IsBounded(match); }

}  // namespace freshet::deid
