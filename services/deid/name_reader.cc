#include "services/deid/name_reader.h"

namespace freshet::deid {
namespace {

constexpr size_t kMaxNameTokens = 6;

bool IsOneOf(std::string_view gap, std::initializer_list<std::string_view> gaps) {
  for (const std::string_view one : gaps) {
    if (gap == one) return true;
  }
  return false;
}

}  // namespace

std::string_view NameReader::GapBefore(size_t i) const {
  const uint32_t begin = i == 0 ? 0 : tokens_[i - 1].end;
  return text_.substr(begin, tokens_[i].begin - begin);
}

bool NameReader::IsNameWord(size_t i) const {
  if (i >= size()) return false;
  const Token& token = tokens_[i];
  if (token.has_digit || !token.upper) return false;
  const uint32_t classes = ClassesOf(i);
  if (classes & (word::kCommon | word::kGivenName)) {
    // "Dr. Smith May 3": a month.
    const bool dated = i + 1 < size() && tokens_[i + 1].has_digit && (classes & word::kNotName) != 0;
    return !dated;
  }
  return (classes & (word::kNotName | word::kEponymNoun | word::kCredential | word::kTitle | word::kStaffTitle |
                     word::kRole | word::kStaffRole | word::kByVerb | word::kRelative | word::kNaming |
                     word::kGreeting | word::kWeekday)) == 0 ||
         token.size() == 1;
}

bool NameReader::IsEponym(size_t i) const {
  size_t next = i + 1;
  const bool possessive = next < size() && tokens_[next].size() == 1 && GapBefore(next) == "'";
  if (possessive) ++next;
  // "Smith's clinic" is where Smith sees patients.
  if (possessive && next < size() && IsOneOf(TextOf(next), {"clinic", "office", "practice"})) return false;
  return next < size() && GapBefore(next).size() <= 2 && (ClassesOf(next) & word::kEponymNoun) != 0;
}

// The first of token i and the two after it that is no "van", "der", "de" before a further word.
size_t NameReader::BehindParticles(size_t i) const {
  size_t at = i;
  while (at < i + 2 && at + 1 < size() && (ClassesOf(at) & word::kParticle) != 0 && GapBefore(at + 1) == " ") ++at;
  return at;
}

// Whether token i goes on with the name whose first token is `first`.
bool NameReader::Continues(size_t i, NameForm form, size_t first) const {
  const std::string_view gap = GapBefore(i);
  const uint32_t classes = ClassesOf(i);
  if ((classes & word::kSuffix) != 0 && IsOneOf(gap, {" ", ", ", ","})) return tokens_[i].upper;
  if (gap == "'") return tokens_[i].size() > 1 && tokens_[i].upper && tokens_[i - 1].size() <= 2;
  if (gap == "-") return IsNameWord(i);
  const bool listed = form == NameForm::kListed && i == first + 1 && IsOneOf(gap, {", ", ",", " , ", "^"});
  const bool after_initial = IsInitial(i - 1) && IsOneOf(gap, {". ", "."});
  if (gap != " " && !listed && !after_initial && gap != "  " && gap != "^") return false;
  return IsNameWord(i) || ((classes & word::kParticle) != 0 && IsNameWord(BehindParticles(i)));
}

std::optional<NameReader::Name> NameReader::Finish(size_t first, size_t last) const {
  if (IsEponym(last)) return std::nullopt;
  Name name{.range = {tokens_[first].begin, tokens_[last].end}, .last = last};
  for (size_t i = first; i <= last; ++i) name.words += tokens_[i].size() > 1;
  if (IsInitial(last) && name.range.end < text_.size() && text_[name.range.end] == '.') ++name.range.end;
  return name;
}

std::optional<NameReader::Name> NameReader::Forward(size_t i, NameForm form) const {
  const size_t word = BehindParticles(i);
  if (!IsNameWord(word)) return std::nullopt;
  size_t last = word;
  while (last + 1 < size() && last + 1 < i + kMaxNameTokens && Continues(last + 1, form, word)) ++last;
  return Finish(i, last);
}

std::optional<NameReader::Name> NameReader::Backward(size_t i) const {
  if (i >= size() || !IsNameWord(i)) return std::nullopt;
  size_t first = i;
  while (first > 0 && i - first + 1 < 4) {
    const std::string_view gap = GapBefore(first);
    const bool joined = gap == " " || gap == "-" || (gap == ". " && IsInitial(first - 1)) ||
                        (gap == "'" && tokens_[first - 1].size() <= 2);
    if (!joined || !(IsNameWord(first - 1) || (ClassesOf(first - 1) & word::kParticle) != 0)) break;
    --first;
  }
  return Finish(first, i);
}

}  // namespace freshet::deid
