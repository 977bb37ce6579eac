#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "services/deid/judges.h"
#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

constexpr uint32_t kMaxAddress = 254;  // of an e-mail address (RFC 5321)
constexpr uint32_t kMaxUrl = 2048;

bool IsLocalByte(char c) { return IsWord(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || c == '\''; }
bool IsDomainByte(char c) { return IsWord(c) || c == '.' || c == '-'; }

// Bytes of a domain from `at` on, without a full stop at its end.
uint32_t EndOfDomain(std::string_view text, uint32_t at) {
  uint32_t end = at;
  while (end < text.size() && end - at < kMaxAddress && IsDomainByte(text[end])) ++end;
  while (end > at && !IsWord(text[end - 1])) --end;
  return end;
}

uint32_t BeginOfLocal(std::string_view text, uint32_t at) {
  uint32_t begin = at;
  while (begin > 0 && at - begin < 64 && IsLocalByte(text[begin - 1])) --begin;
  while (begin < at && !IsWord(text[begin])) ++begin;
  return begin;
}

bool HasTopLevel(std::string_view domain) {
  const size_t dot = domain.rfind('.');
  return dot != std::string_view::npos && dot > 0 && domain.size() - dot > 2 && IsAlpha(domain[dot + 1]);
}

}  // namespace

bool JudgeEmail(const Match& match, Finding& finding) {
  finding.begin = BeginOfLocal(match.text, match.begin);
  finding.end = EndOfDomain(match.text, match.end);
  if (finding.begin == match.begin || finding.end == match.end) return false;
  const std::string_view domain = match.text.substr(match.end, finding.end - match.end);
  if (!HasTopLevel(domain)) finding.score = 0.5f;  // "ada@ward7" in a hospital's own network
  return true;
}

// "ada.quill [at] example [dot] org"
bool JudgeSpelledEmail(const Match& match, Finding& finding) {
  finding.begin = BeginOfLocal(match.text, match.begin);
  if (finding.begin == match.begin) return false;
  Scanner scan(match.text, match.end);
  uint32_t end = 0;
  for (int labels = 0; labels < 6; ++labels) {
    const auto label_end = EndOfDomain(match.text, static_cast<uint32_t>(scan.at()));
    if (label_end == scan.at()) break;
    const bool dotted = match.text.substr(scan.at(), label_end - scan.at()).find('.') != std::string_view::npos;
    if (labels > 0 || dotted) end = label_end;
    scan = Scanner(match.text, label_end);
    scan.SkipSpaces();
    if (!scan.Take('[')) scan.Take('(');
    if (!scan.TakeWord("dot")) break;
    if (!scan.Take(']')) scan.Take(')');
    scan.SkipSpaces();
  }
  finding.end = end;
  return end != 0;
}

bool JudgeUrl(const Match& match, Finding& finding) {
  if (IsWord(CharBefore(match))) return false;
  uint32_t end = match.end;
  const auto ends = [](char c) { return IsSpace(c) || c == '"' || c == '<' || c == '>' || c == '|'; };
  while (end < match.text.size() && end - match.begin < kMaxUrl && !ends(match.text[end])) ++end;
  const std::string_view trailing = ".,;:!?')]}*_";
  while (end > match.end && trailing.find(match.text[end - 1]) != std::string_view::npos) --end;
  finding.end = end;
  return end > match.end;
}

bool JudgeDomain(const Match& match, Finding& finding) {
  uint32_t begin = match.begin;
  while (begin > 0 && match.begin - begin < 253 && IsDomainByte(match.text[begin - 1])) --begin;
  while (begin < match.begin && !IsWord(match.text[begin])) ++begin;
  if (match.begin - begin < 2 || IsWord(CharAfter(match))) return false;
  if (begin > 0 && (match.text[begin - 1] == '@' || match.text[begin - 1] == '/')) return false;
  finding.begin = begin;
  if (CharAfter(match) == '/') {
    Finding path = finding;
    if (JudgeUrl({match.text, begin, match.end}, path)) finding.end = path.end;
  } else {
    finding.end = EndOfDomain(match.text, match.end - 1);
  }
  return true;
}

bool JudgeIp4(const Match& match, Finding& finding) {
  if (IsPartOfNumber(match) || HasWordBefore(match.text, match.begin, 12, {"version", "section", "v", "chapter"})) {
    return false;
  }
  in_addr address{};
  if (inet_pton(AF_INET, std::string(match.matched()).c_str(), &address) != 1) return false;
  // All parts of one digit: rather the number of a section.
  if (match.end - match.begin == 7) finding.score = 0.4f;
  return true;
}

bool JudgeIp6(const Match& match, Finding& finding) {
  const auto part = [](char c) {
    return IsDigit(c) || (ToLower(c) >= 'a' && ToLower(c) <= 'f') || c == ':' || c == '.';
  };
  uint32_t begin = match.begin;
  while (begin > 0 && match.end - begin < 46 && part(match.text[begin - 1])) --begin;
  uint32_t end = match.end;
  while (end < match.text.size() && end - begin < 46 && part(match.text[end])) ++end;
  while (end > begin && (match.text[end - 1] == '.' || (match.text[end - 1] == ':' && end - begin > 2))) --end;
  if (!IsBounded({match.text, begin, end})) return false;
  in6_addr address{};
  if (inet_pton(AF_INET6, std::string(match.text.substr(begin, end - begin)).c_str(), &address) != 1) return false;
  finding.begin = begin;
  finding.end = end;
  return true;
}

}  // namespace freshet::deid
