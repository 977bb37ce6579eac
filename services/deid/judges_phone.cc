#include <algorithm>

#include "services/deid/dates.h"
#include "services/deid/judges.h"
#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

size_t CountDigits(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), IsDigit));
}

bool IsPhoneContext(const Match& match) {
  return HasWordBefore(
      match.text, match.begin, 40,
      {"phone",    "telephone", "tel",       "call",       "called",    "cell",   "mobile",  "pager", "beeper",
       "contact",  "fax",       "facsimile", "ext",        "number is", "reach",  "reached", "text",  "ph",
       "phones",   "whatsapp",  "voicemail", "dial",       "home",      "office", "work",    "desk",  "answering",
       "messages", "message",   "sms",       "registered", "landline",  "number"});
}

void NoteFax(const Match& match, Finding& finding) {
  if (HasWordBefore(match.text, match.begin, 24, {"fax", "facsimile", "telefax"})) finding.type = IdentifierType::kFax;
}

// ", ext. 45", "x123".
uint32_t WithExtension(std::string_view text, uint32_t end) {
  Scanner scan(text, end);
  scan.Take(',');
  scan.SkipSpaces();
  bool announced = scan.TakeWord("extension") || scan.TakeWord("ext.") || scan.TakeWord("ext");
  if (!announced && (scan.Peek() == 'x' || scan.Peek() == 'X') && IsDigit(scan.Peek(1))) {
    scan.Skip(1);
    announced = true;
  }
  if (!announced) return end;
  scan.Take('.');
  scan.SkipSpaces();
  const Number number = scan.TakeNumber();
  return number.digits >= 1 && number.digits <= 6 ? static_cast<uint32_t>(scan.at()) : end;
}

// " office", "-fax", " (mobile)" behind the number, as in signatures.
bool IsPhoneLabelled(const Match& match) {
  Scanner scan(match.text, match.end);
  scan.SkipSpaces();
  if (!scan.Take('-')) scan.Take('(');
  scan.SkipSpaces();
  for (const std::string_view word : {"office", "fax", "mobile", "cell", "desk", "home", "work", "phone", "tel"}) {
    if (scan.TakeWord(word)) return true;
  }
  return false;
}

}  // namespace

// A longer number, a decimal or an amount goes on beside the match.
bool IsPartOfNumber(const Match& match) {
  const char before = CharBefore(match);
  const char after = CharAfter(match);
  const auto digit_at = [&](size_t at) { return at < match.text.size() && IsDigit(match.text[at]); };
  if (IsWord(before) || before == '$' || before == '#') return true;
  if ((before == '.' || before == '-' || before == '/') && match.begin > 1 && digit_at(match.begin - 2)) return true;
  if (IsDigit(after) || IsAlpha(after)) return !(after == 'x' || after == 'X' || after == 'e');
  return (after == '-' || after == '/' || after == '.') && digit_at(match.end + 1);
}

bool JudgePhone(const Match& match, Finding& finding) {
  if (IsPartOfNumber(match)) return false;
  const size_t digits = CountDigits(match.matched());
  if (digits < 10 || digits > 13) return false;
  finding.end = WithExtension(match.text, match.end);
  NoteFax(match, finding);
  return true;
}

bool JudgePhoneInContext(const Match& match, Finding& finding) {
  if (IsPartOfNumber(match)) return false;
  if (!IsPhoneContext(match)) finding.score = 0.35f;
  finding.end = WithExtension(match.text, match.end);
  NoteFax(match, finding);
  return true;
}

bool JudgeForeignPhone(const Match& match, Finding& finding) {
  if (IsWord(CharBefore(match)) || IsDigit(CharAfter(match))) return false;
  const size_t digits = CountDigits(match.matched());
  if (digits < 8 || digits > 15) return false;
  if (IsPhoneContext(match)) finding.score = 0.9f;
  NoteFax(match, finding);
  return true;
}

bool JudgeSpacedPhone(const Match& match, Finding& finding) {
  if (IsPartOfNumber(match)) return false;
  const std::string_view number = match.matched();
  const size_t digits = CountDigits(number);
  if (digits < 7 || digits > 12 || MatchNumericDate(match.text, match.begin).has_value()) return false;
  // "2010-2012": a span of years.
  if (digits == 8 && number.size() == 9 && (number.starts_with("19") || number.starts_with("20"))) return false;
  const bool line =
      (match.begin == 0 || CharBefore(match) == '\n') && (CharAfter(match) == '\n' || CharAfter(match) == '\0');
  if (IsPhoneContext(match) || IsPhoneLabelled(match)) {
    finding.score = 0.8f;
  } else if (line && digits >= 8) {
    finding.score = 0.6f;
  } else {
    // "120 80 98 16" may be four values.
    const auto groups =
        1 + std::count_if(number.begin(), number.end(), [](char c) { return c == ' ' || c == '.' || c == '-'; });
    finding.score = number[0] == '0' && digits >= 9 ? 0.6f : groups == 3 && digits == 9 ? 0.55f : 0.3f;
  }
  finding.end = WithExtension(match.text, match.end);
  NoteFax(match, finding);
  return true;
}

}  // namespace freshet::deid
