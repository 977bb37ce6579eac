#include "services/deid/names.h"

#include <algorithm>
#include <bitset>

#include "services/deid/name_reader.h"

namespace freshet::deid {
namespace {

using Name = NameReader::Name;

bool Contains(std::string_view gap, char c) { return gap.find(c) != std::string_view::npos; }

constexpr size_t kLongestShort = 5;  // letters of what things are called for short

bool IsShouted(std::string_view word) {
  return std::none_of(word.begin(), word.end(), [](char c) { return IsLower(c); });
}

class NameFinder {
 public:
  NameFinder(const Text& text, std::vector<Finding>& findings) : reader_(text), findings_(findings) {}

  void Run() {
    constexpr uint32_t kTriggers = word::kTitle | word::kStaffTitle | word::kRole | word::kStaffRole | word::kByVerb |
                                   word::kRelative | word::kCredential | word::kGivenName | word::kGreeting |
                                   word::kNaming;
    for (size_t i = 0; i < reader_.size(); ++i) {
      const uint32_t classes = reader_.ClassesOf(i);
      if ((classes & kTriggers) == 0) continue;
      if (classes & (word::kTitle | word::kStaffTitle)) AfterTitle(i, (classes & word::kStaffTitle) != 0);
      if (classes & (word::kRole | word::kStaffRole)) AfterRole(i, (classes & word::kStaffRole) != 0);
      if (classes & word::kByVerb) AfterBy(i);
      if (classes & word::kRelative) AfterRelative(i);
      if (classes & word::kCredential) BeforeCredential(i);
      if (classes & word::kGreeting) AfterGreeting(i);
      if (classes & word::kNaming) AfterNaming(i);
      if (classes & word::kGivenName) FromGivenName(i);
    }
  }

 private:
  void Add(const Name& name, IdentifierType type, float score, std::string_view detector) {
    findings_.push_back({name.range.begin, name.range.end, type, score, detector});
  }
  static IdentifierType TypeOf(bool staff) { return staff ? IdentifierType::kStaffName : IdentifierType::kName; }

  void AfterTitle(size_t i, bool staff) {
    const Token& title = reader_.token(i);
    if (i + 1 >= reader_.size()) return;
    const std::string_view gap = reader_.GapBefore(i + 1);
    if (gap != " " && gap != ". " && gap != "." && gap != "  ") return;
    // "12 Elm Dr. Apt 3" and "miss" the verb: a title begins with a capital, or is two or three letters before a word
    // that no list knows.
    const bool lower = !title.upper;
    if (lower && title.size() > 3) return;
    // "MS Contin", "typical of MS. Children ...": a drug and a disease.
    if (reader_.TextOf(i) == "MS" && !IsShouted(reader_.TextOf(i + 1))) return;
    if (auto name = reader_.Forward(i + 1, NameForm::kPlain)) {
      return Add(*name, TypeOf(staff), 0.95f, "name/title");
    }
    const Token& next = reader_.token(i + 1);
    if (lower && next.size() >= 3 && !next.has_digit && !next.upper && reader_.ClassesOf(i + 1) == 0 &&
        !reader_.IsEponym(i + 1)) {
      Add({.range = {next.begin, next.end}}, TypeOf(staff), 0.8f, "name/title");
    }
  }

  // "Patient: ...", "Patient Name - ...", "patient John Roe".
  void AfterRole(size_t i, bool staff) {
    size_t next = i + 1;
    while (next < reader_.size() && next <= i + 2 && reader_.GapBefore(next).size() <= 2 &&
           !Contains(reader_.GapBefore(next), ':') && IsRoleFiller(next)) {
      ++next;
    }
    if (next >= reader_.size()) return;
    const std::string_view gap = reader_.GapBefore(next);
    const bool field = gap.size() <= 6 && (Contains(gap, ':') || Contains(gap, '|') || gap == " = ");
    if (field && !Contains(gap, '.')) {
      if (auto name = reader_.Forward(next, NameForm::kListed)) Add(*name, TypeOf(staff), 0.9f, "name/field");
      return;
    }
    if (gap != " " || next != i + 1 || (reader_.token(i).upper && staff)) return;
    auto name = reader_.Forward(next, NameForm::kPlain);
    if (!name) return;
    const bool given = (reader_.ClassesOf(next) & word::kGivenName) != 0;
    if (given || name->words >= 2) Add(*name, TypeOf(staff), given ? 0.9f : 0.6f, "name/role");
  }

  bool IsRoleFiller(size_t i) const {
    const std::string_view text = reader_.TextOf(i);
    constexpr std::string_view kFillers[] = {"name", "names", "by", "physician", "provider", "full", "last", "first"};
    return std::any_of(std::begin(kFillers), std::end(kFillers), [&](std::string_view filler) {
      return text.size() == filler.size() &&
             std::equal(text.begin(), text.end(), filler.begin(), [](char a, char b) { return ToLower(a) == b; });
    });
  }

  void AfterBy(size_t i) {
    if (i + 2 >= reader_.size() || reader_.GapBefore(i + 1) != " ") return;
    const std::string_view by = reader_.TextOf(i + 1);
    if (by.size() != 2 || ToLower(by[0]) != 'b' || ToLower(by[1]) != 'y') return;
    const std::string_view gap = reader_.GapBefore(i + 2);
    if (gap.size() > 3) return;
    const NameForm form = Contains(gap, ':') ? NameForm::kListed : NameForm::kPlain;
    auto name = reader_.Forward(i + 2, form);
    if (!name) return;
    const bool sure = Contains(gap, ':') || (reader_.ClassesOf(i + 2) & word::kGivenName) != 0 || name->words >= 2;
    Add(*name, IdentifierType::kStaffName, sure ? 0.85f : 0.6f, "name/by");
  }

  void AfterRelative(size_t i) {
    size_t next = i + 1;
    if (next >= reader_.size()) return;
    const std::string_view gap = reader_.GapBefore(next);
    if (gap != " " && gap != ", " && gap != ": " && gap != " (") return;
    const bool given = (reader_.ClassesOf(next) & word::kGivenName) != 0;
    if (gap != " " && !given && gap != ": ") return;
    auto name = reader_.Forward(next, NameForm::kPlain);
    if (name) Add(*name, IdentifierType::kName, given ? 0.9f : 0.6f, "name/relative");
  }

  void BeforeCredential(size_t i) {
    const std::string_view credential = reader_.TextOf(i);
    const bool written = credential == "PharmD" || credential == "PhD" ||
                         std::all_of(credential.begin(), credential.end(), [](char c) { return IsUpper(c); });
    if (i == 0 || !written) return;
    const std::string_view gap = reader_.GapBefore(i);
    if (gap != ", " && gap != " " && gap != ",") return;
    auto name = reader_.Backward(i - 1);
    if (!name || (i + 1 < reader_.size() && reader_.token(i + 1).has_digit)) return;
    // "Silver Spring, MD" is a place unless a given name or an initial says otherwise.
    const bool state = (reader_.ClassesOf(i) & word::kState) != 0;
    bool personal = false;
    for (size_t at = i; at-- > 0 && reader_.token(at).begin >= name->range.begin;) {
      personal |= reader_.IsInitial(at) || (reader_.ClassesOf(at) & word::kGivenName) != 0;
    }
    if (state && !personal && gap != " ") return;
    Add(*name, IdentifierType::kStaffName, personal || name->words >= 2 ? 0.9f : 0.6f, "name/credential");
  }

  void AfterGreeting(size_t i) {
    if (i + 1 >= reader_.size() || !reader_.token(i).upper) return;
    const std::string_view gap = reader_.GapBefore(i + 1);
    const bool plain = gap == " " || gap == ", " || gap == ",\n" || gap == ",\n\n" || gap == "\n";
    auto name = plain ? reader_.Forward(i + 1, NameForm::kPlain) : std::nullopt;
    if (name) Add(*name, IdentifierType::kName, 0.7f, "name/greeting");
  }

  void AfterNaming(size_t i) {
    if (i + 1 >= reader_.size() || reader_.GapBefore(i + 1) != " ") return;
    auto name = reader_.Forward(i + 1, NameForm::kPlain);
    if (!name) return;
    const bool given = (reader_.ClassesOf(i + 1) & word::kGivenName) != 0;
    // "a protein called IKK", and neither "CALLED JONES" nor "named JONES".
    const bool thing = reader_.TextOf(i) == "called" && IsShouted(reader_.TextOf(i + 1)) && name->words < 2 &&
                       reader_.token(i + 1).size() <= kLongestShort;
    if (thing && !given) return;
    Add(*name, IdentifierType::kName, given ? 0.85f : 0.55f, "name/named");
  }

  // "Jennifer", "Ada Quill", "Quill, Ada M.", "David S."
  void FromGivenName(size_t i) {
    if (!reader_.token(i).upper) return;
    // Amid a hyphenated eponym, or itself followed by what is named after people.
    if (i > 0 && reader_.GapBefore(i) == "-") return;
    auto name = reader_.Forward(i, NameForm::kPlain);
    if (!name) return;
    const bool word_too = (reader_.ClassesOf(i) & (word::kCommon | word::kNotName | word::kState)) != 0;
    const bool initial =
        reader_.IsInitial(name->last) && name->last == i + 1 && name->range.end > reader_.token(i + 1).end;
    if (name->words >= 2) return Add(*name, IdentifierType::kName, word_too ? 0.55f : 0.85f, "name/given");
    if (initial) return Add(*name, IdentifierType::kName, word_too ? 0.55f : 0.9f, "name/given-initial");
    Add(*name, IdentifierType::kName, word_too ? 0.3f : 0.55f, "name/given");
  }

  NameReader reader_;
  std::vector<Finding>& findings_;
};

struct Known {
  uint64_t hash;
  IdentifierType type;
};

bool IsName(const Finding& finding) {
  return (finding.type == IdentifierType::kName || finding.type == IdentifierType::kStaffName) && finding.score >= 0.8f;
}

// "James" in "Dr. James Quill" tells nothing of a patient.
class StaffRanges {
 public:
  explicit StaffRanges(std::span<const Finding> findings) {
    for (const Finding& finding : findings) {
      if (finding.type == IdentifierType::kStaffName) ranges_.push_back(finding);
    }
    std::sort(ranges_.begin(), ranges_.end(), [](const Finding& a, const Finding& b) { return a.begin < b.begin; });
  }

  bool Explains(const Finding& name) const {
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), name.begin,
                                        [](uint32_t begin, const Finding& one) { return begin < one.begin; });
    return after != ranges_.begin() && (after - 1)->end >= name.end && (after - 1)->score >= name.score;
  }

 private:
  std::vector<Finding> ranges_;
};

// The telling words of the names that were found with some certainty.
std::vector<Known> WordsOfNames(const Text& text, std::span<const Finding> findings) {
  constexpr uint32_t kUntelling = word::kCommon | word::kNotName | word::kEponymNoun | word::kParticle | word::kSuffix |
                                  word::kCredential | word::kTitle | word::kStaffTitle | word::kState;
  std::vector<Known> known;
  const StaffRanges staff(findings);
  for (const Finding& finding : findings) {
    if (!IsName(finding) || (finding.type == IdentifierType::kName && staff.Explains(finding))) continue;
    const auto& tokens = text.tokens();
    auto token = std::lower_bound(tokens.begin(), tokens.end(), finding.begin,
                                  [](const Token& one, uint32_t begin) { return one.begin < begin; });
    for (; token != tokens.end() && token->begin < finding.end; ++token) {
      if (token->size() < 3 || token->has_digit) continue;
      if ((Lexicon::Get().ClassesOf(token->hash) & kUntelling) == 0) known.push_back({token->hash, finding.type});
    }
  }
  std::sort(known.begin(), known.end(), [](const Known& a, const Known& b) {
    return std::tuple(a.hash, a.type != IdentifierType::kName) < std::tuple(b.hash, b.type != IdentifierType::kName);
  });
  known.erase(std::unique(known.begin(), known.end(), [](const Known& a, const Known& b) { return a.hash == b.hash; }),
              known.end());
  return known;
}

}  // namespace

void NameDetector::Detect(const Text& text, const Context&, std::vector<Finding>& findings) {
  NameFinder(text, findings).Run();
}

void NameAgainDetector::Detect(const Text& text, const Context&, std::vector<Finding>& findings) {
  const std::vector<Known> known = WordsOfNames(text, findings);
  if (known.empty()) return;
  constexpr size_t kFilterBits = 4096;
  std::bitset<kFilterBits> filter;
  for (const Known& one : known) filter.set(one.hash % kFilterBits);
  const NameReader reader(text);
  for (size_t i = 0; i < reader.size(); ++i) {
    const Token& token = reader.token(i);
    if (!token.upper || !filter[token.hash % kFilterBits]) continue;
    const auto found = std::lower_bound(known.begin(), known.end(), token.hash,
                                        [](const Known& one, uint64_t hash) { return one.hash < hash; });
    if (found == known.end() || found->hash != token.hash || reader.IsEponym(i)) continue;
    findings.push_back({token.begin, token.end, found->type, 0.85f, "name/again"});
  }
}

}  // namespace freshet::deid
