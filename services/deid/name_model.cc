#include "services/deid/name_model.h"

#include <algorithm>
#include <span>

#include "services/deid/name_reader.h"
#include "services/deid/place_words.h"

namespace freshet::deid {
namespace {

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

// Many a place of care has one of these in its name, but nothing else makes none of it one.
bool IsAnyDepartment(std::string_view lower) {
  static constexpr std::string_view kWords[] = {
      "pain",      "clinic", "clinics", "center",    "centre",     "health", "women",  "s",          "memory",
      "sleep",     "eye",    "dental",  "emergency", "department", "urgent", "care",   "outpatient", "inpatient",
      "primary",   "heart",  "stroke",  "wound",     "the",        "our",    "local",  "community",  "university",
      "hospital",  "icu",    "ward",    "unit",      "office",     "cancer", "trauma", "surgery",    "diabetes",
      "specialty", "mental", "medical", "nursing",   "general",    "home",   "and",    "of",         "in"};
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

// "125 mL/h": a dose, not a house.
bool IsUnit(std::string_view lower) {
  static constexpr std::string_view kUnits[] = {"ml",    "mg",    "mcg",     "kg",    "mmol",   "meq",   "mmhg",
                                                "dl",    "bpm",   "iu",      "cc",    "days",   "weeks", "months",
                                                "years", "hours", "minutes", "times", "tablets"};
  return std::find(std::begin(kUnits), std::end(kUnits), lower) != std::end(kUnits);
}

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
bool IsPerson(IdentifierType type) { return type == IdentifierType::kName || type == IdentifierType::kStaffName; }

// What of a span is believed.
class SpanReader {
 public:
  SpanReader(const Text& text, const TaggerModel& model, const Earlier& earlier)
      : text_(text.folded()), reader_(text), model_(model), earlier_(earlier) {}

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
    return type;
  }

 private:
  bool IsCommon(size_t i) const { return (model_.WordBits(reader_.token(i).hash) & word_list::kCommon) != 0; }
  bool IsListedName(size_t i) const {
    return (model_.WordBits(reader_.token(i).hash) & word_list::kGiven) != 0 ||
           (reader_.ClassesOf(i) & word::kGivenName) != 0;
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
    if (span.kind == TagKind::kCity && (classes & word::kState) != 0) return true;
    return IsPlainWord(i) && !(span.kind == TagKind::kName && IsListedName(i)) &&
           !(span.kind == TagKind::kFacility && IsAnyDepartment(reader_.TextOf(i)) && reader_.TextOf(i) != "office");
  }

  Range TokenRange(size_t i) const { return {reader_.token(i).begin, reader_.token(i).end}; }

  bool IsPlausible(const TaggedSpan& span) const {
    bool letters = false, digits = false, telling = false, department = true, words = false, listed = false;
    bool plain = true, ordinary = true, unit = false, acronym = span.first == span.last;
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
      acronym &= token.size() <= 4 && Lower(reader_.TextOf(i)) != reader_.TextOf(i) && IsUpper(text_[token.end - 1]);
      listed |= IsListedName(i);
      constexpr uint32_t kNever =
          word::kNotName | word::kEponymNoun | word::kTitle | word::kWeekday | word::kCredential | word::kParticle;
      telling |= (classes & word::kGivenName) != 0 || (classes & kNever) == 0;
    }
    // A street without a number is a short one.
    if (span.kind == TagKind::kStreet)
      return words && !unit && !(ordinary && span.last - span.first < 2) && (digits || span.last - span.first < 4);
    const Range range = RangeOf(span);
    const std::string whole = Lower(text_.substr(range.begin, range.end - range.begin));
    if (span.kind == TagKind::kFacility) return letters && !department;
    if (!letters || !telling) return false;
    if (span.kind == TagKind::kCity) return !IsState(whole) && !IsCountry(whole) && !plain;
    // "mark the site": a word of the language in lower case has to be a name for certain.
    if (plain && !(listed && span.score > 0.9f)) return false;
    if (acronym && !listed) return false;
    return !reader_.IsEponym(span.last);
  }

  std::string_view text_;
  NameReader reader_;
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
    findings.push_back({range.begin, range.end, reader.TypeOf(span), std::min(span.score, 0.9f), detector});
  };
  for (TaggedSpan span : spans_) {
    if (span.kind == TagKind::kOrganisation) continue;
    for (TaggedSpan rest; reader.Cut(span, rest); span = rest) add(span);
    add(span);
  }
}

}  // namespace freshet::deid
