#include <algorithm>
#include <string>

#include "services/deid/checks.h"
#include "services/deid/dates.h"
#include "services/deid/judges.h"
#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

// What an announcing word leads to.
struct Announced {
  Range range;
  size_t digits = 0;
  size_t letters = 0;
  bool marked = false;  // by ':', '#', "number" or the like
};

bool IsIdByte(char c) { return IsWord(c) || c == '-' || c == '/' || c == '.' || c == '_'; }

// Between the announcing word and the number: ": #", " number is ", "(s): ".
void SkipFillers(Scanner& scan, bool& marked) {
  for (int steps = 0; steps < 8; ++steps) {
    scan.SkipSpaces();
    const char c = scan.Peek();
    if (c == ':' || c == '#' || c == '=') {
      marked = true;
      scan.Skip(1);
    } else if (c == '.' || c == ',' || c == '-' || c == '(' || c == ')' || c == '"' || c == '\'' || c == '*' ||
               c == '|' || c == '[') {
      scan.Skip(1);
    } else if (scan.TakeWord("number") || scan.TakeWord("num") || scan.TakeWord("no") || scan.TakeWord("nr") ||
               scan.TakeWord("id") || scan.TakeWord("identifier") || scan.TakeWord("code")) {
      marked = true;
    } else if (!(scan.TakeWord("is") || scan.TakeWord("was") || scan.TakeWord("of") || scan.TakeWord("ending") ||
                 scan.TakeWord("in") || scan.TakeWord("the") || scan.TakeWord("with"))) {
      return;
    }
  }
}

size_t TakeIdRun(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && end - at < 40 && IsIdByte(text[end])) ++end;
  while (end > at && !IsWord(text[end - 1])) --end;
  return end;
}

// "123 456 789" goes on as long as groups of three digits and more follow.
size_t WithGroups(std::string_view text, size_t begin, size_t end) {
  const auto all_digits = [&](size_t from, size_t to) {
    return to > from &&
           std::all_of(text.begin() + static_cast<ptrdiff_t>(from), text.begin() + static_cast<ptrdiff_t>(to), IsDigit);
  };
  while (all_digits(begin, end) && end + 1 < text.size() && text[end] == ' ' && end - begin < 24) {
    const size_t next = TakeIdRun(text, end + 1);
    if (next - (end + 1) < 3 || !all_digits(end + 1, next)) break;
    begin = end + 1;
    end = next;
  }
  return end;
}

bool ReadAnnounced(const Match& match, bool apart, Announced& out) {
  if (IsWord(CharBefore(match))) return false;
  const std::string_view key = match.matched();
  out.marked = key.find('#') != std::string_view::npos;
  for (const std::string_view word : {"number", "num", "no.", "id", "identifier"}) {
    out.marked |= key.size() >= word.size() && EqualsIgnoringCase(key.substr(key.size() - word.size()), word);
  }
  if (IsWord(key.back()) && IsWord(CharAfter(match))) return false;
  Scanner scan(match.text, match.end);
  SkipFillers(scan, out.marked);
  const size_t begin = scan.at();
  size_t end = TakeIdRun(match.text, begin);
  if (apart && end - begin <= 4 && end + 1 < match.text.size() && match.text[end] == ' ' &&
      IsWord(match.text[end + 1])) {
    const size_t next = TakeIdRun(match.text, end + 1);
    if (std::any_of(match.text.begin() + static_cast<ptrdiff_t>(end), match.text.begin() + static_cast<ptrdiff_t>(next),
                    IsDigit))
      end = next;
  }
  end = WithGroups(match.text, begin, end);
  for (size_t at = begin; at < end; ++at) {
    out.digits += IsDigit(match.text[at]);
    out.letters += IsAlpha(match.text[at]);
  }
  out.range = {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  return end > begin;
}

bool JudgeAnnounced(const Match& match, bool apart, Finding& finding) {
  Announced id;
  if (!ReadAnnounced(match, apart, id)) return false;
  const std::string_view value = match.text.substr(id.range.begin, id.range.end - id.range.begin);
  const size_t enough = id.marked ? 2 : 4;
  if (id.digits < enough || id.digits + id.letters < 3) return false;
  if (id.letters > 0 && !id.marked && id.digits < 4) return false;
  // Clinical trials are public; a date or a year is no number.
  if (value.starts_with("NCT") || MatchNumericDate(match.text, id.range.begin).has_value()) return false;
  if (value.size() == 4 && id.digits == 4 && !id.marked && (value.starts_with("19") || value.starts_with("20")))
    return false;
  const char after = id.range.end < match.text.size() ? match.text[id.range.end] : '\0';
  if (after == '%') return false;
  finding.begin = id.range.begin;
  finding.end = id.range.end;
  if (!id.marked) finding.score -= 0.15f;
  return true;
}

bool TouchesNumber(const Match& match) {
  const auto goes_on = [&](char separator, size_t at) {
    return (separator == '-' || separator == '.') && at < match.text.size() && IsDigit(match.text[at]);
  };
  return goes_on(CharBefore(match), match.begin - 2) || goes_on(CharAfter(match), match.end + 1);
}

}  // namespace

bool JudgeSsn(const Match& match, Finding&) {
  // The separators agree; numbers that are never issued still look like one.
  return IsBounded(match) && !TouchesNumber(match) && match.text[match.begin + 3] == match.text[match.begin + 6];
}

bool JudgeKeyedSsn(const Match& match, Finding& finding) {
  if (IsWord(CharBefore(match))) return false;
  Scanner scan(match.text, match.end);
  bool marked = false;
  SkipFillers(scan, marked);
  if (scan.TakeWord("last")) {
    scan.SkipSpaces();
    if (!scan.TakeWord("four")) scan.TakeWord("4");
    SkipFillers(scan, marked);
  }
  const size_t begin = scan.at();
  size_t end = begin;
  size_t digits = 0;
  for (; end < match.text.size() && end - begin < 15; ++end) {
    const char c = match.text[end];
    if (!(IsDigit(c) || c == '-' || c == ' ' || c == '.' || c == '*' || ToLower(c) == 'x')) break;
    digits += IsDigit(c);
    if (digits == 9) {
      ++end;
      break;
    }
  }
  while (end > begin && !IsDigit(match.text[end - 1])) --end;
  if (digits != 9 && digits != 4) return false;
  finding.begin = static_cast<uint32_t>(begin);
  finding.end = static_cast<uint32_t>(end);
  return true;
}

bool JudgeKeyed(const Match& match, Finding& finding) { return JudgeAnnounced(match, false, finding); }

bool JudgeKeyedPlate(const Match& match, Finding& finding) { return JudgeAnnounced(match, true, finding); }

bool JudgeLongNumber(const Match& match, Finding& finding) {
  if (!IsBounded(match) || TouchesNumber(match)) return false;
  const std::string_view digits = match.matched();
  const bool goes_on = CharBefore(match) == ',' && match.begin > 1 && IsDigit(match.text[match.begin - 2]);
  const bool money = CharBefore(match) == '$' || goes_on;
  const bool zeros = digits.find_first_not_of('0', 1) == std::string_view::npos;
  if (money || zeros) return false;
  if (digits.size() >= 12 && PassesLuhn(digits) && IsCardPrefix(digits)) {
    finding.type = IdentifierType::kAccount;
    finding.score = 0.95f;
  } else if (HasWordBefore(match.text, match.begin, 40,
                           {"phone", "tel", "telephone", "call", "cell", "mobile", "fax"})) {
    finding.type = IdentifierType::kPhone;
    finding.score = 0.9f;
  } else if (digits.size() == 10 && digits[0] >= '2' && digits[3] >= '2') {
    finding.type = IdentifierType::kPhone;
  }
  return true;
}

bool JudgeCardGroups(const Match& match, Finding& finding) {
  if (!IsBounded(match) || TouchesNumber(match)) return false;
  const std::string digits = BareOf(match.matched());
  if (PassesLuhn(digits) && IsCardPrefix(digits)) return true;
  finding.score = HasWordBefore(match.text, match.begin, 40, {"card", "visa", "mastercard", "account"}) ? 0.8f : 0.5f;
  return true;
}

bool JudgeIban(const Match& match, Finding& finding) {
  if (!IsBounded(match)) return false;
  const std::string bare = BareOf(match.matched());
  if (PassesMod97(bare)) return true;
  if (bare.size() != match.matched().size() || bare.size() < 15) return false;
  const auto digits = std::count_if(bare.begin(), bare.end(), IsDigit);
  finding.score = 0.55f;
  return digits >= 10;
}

bool JudgeVin(const Match& match, Finding& finding) {
  if (!IsBounded(match)) return false;
  std::string vin(match.matched());
  std::transform(vin.begin(), vin.end(), vin.begin(),
                 [](char c) { return IsLower(c) ? static_cast<char>(c - 32) : c; });
  if (std::none_of(vin.begin(), vin.end(), IsDigit) || std::all_of(vin.begin(), vin.end(), IsDigit)) return false;
  if (PassesVinCheck(vin)) return true;
  finding.score = 0.6f;
  return HasWordBefore(match.text, match.begin, 24, {"vin", "vehicle"});
}

bool JudgeDea(const Match& match, Finding&) { return IsBounded(match) && PassesDeaCheck(match.matched()); }

}  // namespace freshet::deid
