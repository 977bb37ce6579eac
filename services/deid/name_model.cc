#include "services/deid/name_model.h"

#include <algorithm>
#include <span>

#include "services/deid/name_reader.h"
#include "services/deid/name_words.h"
#include "services/deid/place_words.h"

namespace freshet::deid {
namespace {

constexpr float kCertain = 0.8f;

struct Kind {
  IdentifierType type;
  const char* detector;
};

// In the order of TagKind.
constexpr Kind kKinds[] = {{IdentifierType::kName, "model/name"},
                           {IdentifierType::kAddress, "model/address"},
                           {IdentifierType::kCity, "model/city"},
                           {IdentifierType::kOther, "model/organisation"},
                           {IdentifierType::kFacility, "model/facility"}};

// What patterns and announcing words found before, to be asked for what overlaps a range.
class Earlier {
 public:
  explicit Earlier(std::span<const Finding> findings) : findings_(findings.begin(), findings.end()) {
    std::sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) { return a.begin < b.begin; });
    uint32_t end = 0;
    for (const Finding& one : findings_) ends_.push_back(end = std::max(end, one.end));
  }

  // The findings that overlap, last to first, at most eight.
  template <class Each>
  void ForEachOver(Range range, const Each& each) const {
    auto after = std::lower_bound(findings_.begin(), findings_.end(), range.end,
                                  [](const Finding& one, uint32_t end) { return one.begin < end; });
    for (int looked = 0; after != findings_.begin() && looked < 8; ++looked) {
      --after;
      if (ends_[static_cast<size_t>(after - findings_.begin())] <= range.begin) return;
      if (after->end > range.begin) each(*after);
    }
  }

 private:
  std::vector<Finding> findings_;
  std::vector<uint32_t> ends_;  // the furthest end up to each
};

bool IsPlace(IdentifierType type) {
  return type == IdentifierType::kAddress || type == IdentifierType::kCity || type == IdentifierType::kFacility ||
         type == IdentifierType::kZip;
}
// "DiagnosticReport", as programs write; neither "McDonald" nor "RobertSmith".
bool IsGluedWords(std::string_view word) {
  size_t parts = 0;
  for (size_t begin = 0; begin < word.size(); ++parts) {
    size_t end = begin + 1;
    while (end < word.size() && !IsUpper(word[end])) ++end;
    if (end - begin < 3 || !IsCommonWord(Lower(word.substr(begin, end - begin)))) return false;
    begin = end;
  }
  return parts > 1;
}
bool IsPerson(IdentifierType type) { return type == IdentifierType::kName || type == IdentifierType::kStaffName; }

// What of a span is believed.
class SpanReader {
 public:
  SpanReader(const Text& text, const TaggerModel& model, const Earlier& earlier)
      : text_(text.folded()), reader_(text), model_(model), earlier_(earlier) {
    size_t words = 0, capitals = 0, shouted = 0;
    for (const Token& token : text.tokens()) {
      words += token.has_alpha;
      capitals += token.upper;
      shouted += token.upper && token.size() > 1 && IsUpper(text_[token.end - 1]);
    }
    no_capitals_ = capitals == 0;
    all_capitals_ = words > 3 && 2 * shouted > words;
  }

  // A name ends with its line or sentence: moves what is behind into `rest`.
  bool Cut(TaggedSpan& span, TaggedSpan& rest) const {
    for (size_t i = span.first + 1; i <= span.last; ++i) {
      const std::string_view gap = reader_.GapBefore(i);
      const bool sentence = gap.starts_with(". ") && reader_.token(i - 1).size() > 3;
      const bool street = span.kind == TagKind::kStreet;
      const bool clause =
          gap.find(" -") != std::string_view::npos || (gap.starts_with('.') && (IsPlainWord(i - 1) || IsCommon(i)));
      const bool ends = street ? clause : sentence || gap.find('\n') != std::string_view::npos;
      if (!ends) continue;
      rest = span;
      rest.first = static_cast<uint32_t>(i);
      span.last = rest.first - 1;
      return true;
    }
    return false;
  }

  // False where nothing is left.
  bool Trim(TaggedSpan& span) const {
    while (span.first < span.last && IsLead(span, span.first)) ++span.first;
    while (span.last > span.first && IsTrail(span, span.last)) --span.last;
    return !IsLead(span, span.first) && !IsGrade(span.first) && !IsGrade(span.last) && IsPlausible(span);
  }

  Range RangeOf(const TaggedSpan& span) const {
    return {reader_.token(span.first).begin, reader_.token(span.last).end};
  }

  // A number with a shape of its own is what that shape says.
  bool IsSomethingElse(const TaggedSpan& span) const {
    const Range range = RangeOf(span);
    uint32_t covered = 0;
    earlier_.ForEachOver(range, [&](const Finding& one) {
      if (IsPlace(one.type) || IsPerson(one.type) || one.score < 0.5f) return;
      covered += std::min(one.end, range.end) - std::max(one.begin, range.begin);
    });
    return span.kind == TagKind::kStreet ? 2 * covered >= range.end - range.begin : covered > 0;
  }

  IdentifierType TypeOf(const TaggedSpan& span) const {
    IdentifierType type = kKinds[static_cast<size_t>(span.kind)].type;
    earlier_.ForEachOver(RangeOf(span), [&](const Finding& one) {
      if (type == IdentifierType::kName && one.type == IdentifierType::kStaffName) type = one.type;
      if (type == IdentifierType::kCity && one.type == IdentifierType::kFacility) type = one.type;
    });
    const bool given = (reader_.ClassesOf(span.first) & word::kGivenName) != 0;
    if (type == IdentifierType::kCity && given && span.first < span.last) return IdentifierType::kName;
    return type;
  }

 private:
  uint32_t BitsOf(size_t i) const { return model_.WordBits(reader_.token(i).hash); }
  bool IsCommon(size_t i) const { return (BitsOf(i) & word_list::kCommon) != 0; }
  bool IsListedName(size_t i) const {
    return (BitsOf(i) & word_list::kGiven) != 0 || (reader_.ClassesOf(i) & word::kGivenName) != 0;
  }

  // "Mark the site.": a word of the language that begins a sentence and has an object.
  bool IsOrder(const TaggedSpan& span) const {
    if (span.first != span.last || !IsCommon(span.first) || span.first + 1 >= reader_.size()) return false;
    const std::string_view before = reader_.GapBefore(span.first);
    if (span.first > 0 && before.find_first_of(".\n:") == std::string_view::npos) return false;
    static constexpr std::string_view kObjects[] = {"the", "a",   "an",  "this", "that", "all",
                                                    "any", "his", "her", "your", "each"};
    const std::string_view next = reader_.TextOf(span.first + 1);
    return std::find(std::begin(kObjects), std::end(kObjects), next) != std::end(kObjects);
  }

  // "badge 44120", "CPT 99213": a number with what it is the number of, and no town with its postal code.
  bool IsNumbered(const TaggedSpan& span) const {
    if (span.last != span.first + 1 || !reader_.token(span.last).has_digit) return false;
    const Token& word = reader_.token(span.first);
    bool other = false;
    earlier_.ForEachOver(TokenRange(span.last),
                         [&](const Finding& one) { other |= !IsPlace(one.type) && one.score >= 0.5f; });
    if (other) return true;
    return !word.has_digit && (BitsOf(span.first) & word_list::kTown) == 0 &&
           (!word.upper || IsCommon(span.first) || (word.size() <= 5 && IsUpper(text_[word.end - 1])));
  }

  // "mtDNA", "IgG", and in a text that knows capitals "ketoacyl": none of a name's ways to be written.
  bool IsWrittenAsName(const TaggedSpan& span) const {
    if (span.kind != TagKind::kName && span.kind != TagKind::kCity) return true;
    bool capital = no_capitals_, known = false;
    for (size_t i = span.first; i <= span.last; ++i) {
      const Token& token = reader_.token(i);
      const std::string_view word = reader_.TextOf(i);
      if (IsLower(word[0]) && std::any_of(word.begin(), word.end(), IsUpper)) return false;
      if (IsGluedWords(word)) return false;
      capital |= token.upper && token.size() > 1;
      known |= (BitsOf(i) & (word_list::kGiven | word_list::kSurname | word_list::kTown)) != 0;
    }
    const std::string_view last = reader_.TextOf(span.last);
    const bool short_code = span.first == span.last && last.size() <= 4 && IsUpper(last[0]) && IsUpper(last.back()) &&
                            std::any_of(last.begin(), last.end(), IsLower);
    const bool term = span.first == span.last && !known && IsMedicalTerm(Lower(last));
    return (capital || known) && !short_code && !term;
  }
  bool IsPlainWord(size_t i) const {
    const Token& token = reader_.token(i);
    return !token.upper && !token.has_digit && IsCommon(i);
  }

  // "Factor V Leiden", "Type B Smith": a letter or numeral that belongs to the word before it.
  bool IsGrade(size_t i) const {
    if (i == 0 || !reader_.IsInitial(i)) return false;
    const std::string before = Lower(reader_.TextOf(i - 1));
    return before == "factor" || before == "type" || before == "stage" || before == "grade" || before == "class" ||
           before == "vitamin" || before == "hepatitis" || before == "part" || before == "group";
  }

  // Titles and greetings, and the town that patterns found before a street.
  bool IsLead(const TaggedSpan& span, size_t i) const {
    const uint32_t classes = reader_.ClassesOf(i);
    if (span.kind == TagKind::kName) {
      if (reader_.token(i).has_digit) return true;
      constexpr uint32_t kLeads = word::kNotName | word::kTitle | word::kStaffTitle | word::kGreeting | word::kRole |
                                  word::kStaffRole | word::kRelative | word::kByVerb;
      if ((classes & kLeads) != 0 && (classes & (word::kGivenName | word::kCommon)) == 0) return true;
      return IsPlainWord(i) && !IsListedName(i) && span.first < span.last;
    }
    if (span.kind != TagKind::kStreet || reader_.token(i).has_digit) {
      bool zip = false;
      earlier_.ForEachOver(TokenRange(i), [&](const Finding& one) { zip |= one.type == IdentifierType::kZip; });
      return zip && span.kind == TagKind::kStreet && i == span.first && i > 0 && IsState(Lower(reader_.TextOf(i - 1)));
    }
    bool town = (classes & word::kState) != 0;
    earlier_.ForEachOver(TokenRange(i), [&](const Finding& one) { town |= one.type == IdentifierType::kCity; });
    return town;
  }

  bool IsTrail(const TaggedSpan& span, size_t i) const {
    const uint32_t classes = reader_.ClassesOf(i);
    if (span.kind == TagKind::kStreet) return false;
    if (span.kind == TagKind::kName && reader_.token(i).has_digit) return true;
    if (span.kind == TagKind::kName && (classes & word::kCredential) != 0) return true;
    if (span.kind == TagKind::kName && IsReportHead(Lower(reader_.TextOf(i)))) return true;
    if (span.kind == TagKind::kCity && (classes & word::kState) != 0) return true;
    return IsPlainWord(i) && !(span.kind == TagKind::kName && IsListedName(i)) &&
           !(span.kind == TagKind::kFacility && IsAnyDepartment(reader_.TextOf(i)) && reader_.TextOf(i) != "office");
  }

  // "HLA", and with hyphens "MAO-B".
  bool IsOneWord(const TaggedSpan& span) const {
    for (size_t i = span.first + 1; i <= span.last; ++i) {
      if (reader_.GapBefore(i) != "-") return false;
    }
    return true;
  }

  Range TokenRange(size_t i) const { return {reader_.token(i).begin, reader_.token(i).end}; }

  bool IsPlausible(const TaggedSpan& span) const {
    if (!IsWrittenAsName(span) || (span.kind == TagKind::kName && IsOrder(span)) || IsNumbered(span)) return false;
    bool letters = false, digits = false, telling = false, department = true, words = false, listed = false;
    bool plain = true, ordinary = true, unit = false, acronym = IsOneWord(span) && !all_capitals_;
    bool town = false, street = false, common = true;
    for (size_t i = span.first; i <= span.last; ++i) {
      const Token& token = reader_.token(i);
      const uint32_t classes = reader_.ClassesOf(i);
      letters |= token.has_alpha;
      digits |= token.has_digit;
      words |= token.has_alpha && token.size() > 2;
      department &= IsAnyDepartment(Lower(reader_.TextOf(i)));
      plain &= IsPlainWord(i);
      ordinary &= IsPlainWord(i) || token.has_digit;
      unit |= IsUnit(Lower(reader_.TextOf(i)));
      acronym &= token.size() <= 5 && IsUpper(text_[token.begin]) && IsUpper(text_[token.end - 1]);
      const bool surname = (BitsOf(i) & word_list::kSurname) != 0 && !IsCommon(i);
      acronym &= !(surname && (span.first < span.last || (token.size() > 3 && span.score > kCertain)));
      listed |= IsListedName(i);
      town |= (BitsOf(i) & word_list::kTown) != 0;
      street |= !OtherStreetWord(Lower(reader_.TextOf(i))).empty();
      common &= IsCommon(i);
      constexpr uint32_t kNever =
          word::kNotName | word::kEponymNoun | word::kTitle | word::kWeekday | word::kCredential | word::kParticle;
      telling |= (classes & word::kGivenName) != 0 || (classes & kNever) == 0;
    }
    // A street without a number is a short one.
    if (span.kind == TagKind::kStreet)
      return words && !unit && !(ordinary && span.last - span.first < 2) &&
             (digits || (span.last - span.first < 4 && (street || !common)));
    const Range range = RangeOf(span);
    const std::string whole = Lower(text_.substr(range.begin, range.end - range.begin));
    if (span.kind == TagKind::kFacility) return letters && !department && !IsAuthority(whole);
    if (!letters || !telling) return false;
    if (IsCountry(whole) && !listed) return false;
    if (span.kind == TagKind::kCity) return !IsState(whole) && !IsCountry(whole) && !plain && !(acronym && !town);
    // "mark the site": a word of the language in lower case has to be a name for certain.
    if (plain && !(listed && span.score > 0.9f)) return false;
    if (acronym && !listed) return false;
    return !reader_.IsEponym(span.last);
  }

  std::string_view text_;
  NameReader reader_;
  bool no_capitals_ = false;   // of the text
  bool all_capitals_ = false;  // nearly
  const TaggerModel& model_;
  const Earlier& earlier_;
};

}  // namespace

void NameModelDetector::Detect(const Text& text, const Context&, std::vector<Finding>& findings) {
  spans_.clear();
  tagger_.Tag(text, spans_);
  if (spans_.empty()) return;
  const Earlier earlier(findings);
  const SpanReader reader(text, model_, earlier);
  const auto add = [&](TaggedSpan span) {
    if (!reader.Trim(span) || reader.IsSomethingElse(span)) return;
    const Range range = reader.RangeOf(span);
    const char* detector = kKinds[static_cast<size_t>(span.kind)].detector;
    const IdentifierType type = reader.TypeOf(span);
    findings.push_back({range.begin, range.end, type, std::min(span.score, 0.9f), detector});
    if (type != IdentifierType::kCity) return;
    const uint32_t end = EndOfPostalCode(text.folded(), range.end);
    if (end == range.end) return;
    const auto begin = static_cast<uint32_t>(text.folded().find_first_of("0123456789", range.end));
    findings.push_back({begin, end, IdentifierType::kZip, 0.6f, "model/zip"});
  };
  for (TaggedSpan span : spans_) {
    if (span.kind == TagKind::kOrganisation) continue;
    for (TaggedSpan rest; reader.Cut(span, rest); span = rest) add(span);
    add(span);
  }
}

}  // namespace freshet::deid
