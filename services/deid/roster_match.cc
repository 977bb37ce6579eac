#include "services/deid/roster_match.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "services/deid/announced.h"
#include "services/deid/lexicon.h"
#include "services/deid/near_words.h"

namespace freshet::deid {
namespace {

constexpr uint32_t kMaxGap = 8;         // bytes between two tokens of one form
constexpr uint32_t kNumberGap = 2;      // bytes between the letters of a number and its digits
constexpr size_t kLettersOfNumber = 2;  // tokens of letters before its first digit
constexpr size_t kShortestHalf = 3;     // letters of a double name's other half

bool IsNameGap(char c) {
  return IsSpace(c) || c == ',' || c == '.' || c == '-' || c == '\'' || c == '_' || c == '/' || c == '@' || c == '+' ||
         c == '#' || c == '(' || c == ')' || c == '"' || c == '^' || c == '*' || c == '|';
}

bool IsNumberGap(char c) {
  return IsSpace(c) || c == '-' || c == '.' || c == '/' || c == '(' || c == ')' || c == '+' || c == '_' || c == ':' ||
         c == '#';
}

template <class Accept>
bool IsGap(std::string_view text, const Token& left, const Token& right, const Accept& accept) {
  const uint32_t size = right.begin - left.end;
  if (size > kMaxGap) return false;
  for (uint32_t at = left.end; at < right.begin; ++at) {
    if (!accept(text[at])) return false;
  }
  return true;
}

// Some characters, hashed.
struct Characters {
  uint64_t hash = kHashSeed;
  size_t length = 0;

  void Add(char c) {
    hash = HashByte(hash, static_cast<unsigned char>(ToLower(c)));
    ++length;
  }
};

class Matcher {
 public:
  Matcher(const Text& text, const MatchInput& input, std::vector<Finding>& findings)
      : text_(text.folded()),
        tokens_(text.tokens()),
        input_(input),
        findings_(findings),
        near_(input.identities),
        places_(text_, tokens_),
        lengths_(input.source_lengths) {
    for (const IdentityForms* identity : input.identities) {
      for (const Form& form : identity->forms) {
        if (form.tokens == 0) {
          lengths_ |= uint64_t{1} << form.length;
        } else {
          firsts_.set(form.first % kFilterBits);
        }
      }
    }
  }

  void Run() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      const bool patient = firsts_[token.hash % kFilterBits];
      const bool source = input_.by_source != nullptr && input_.by_source->Begins(input_.source_key, token.hash);
      const bool matched = (patient || source) && MatchSequence(i, patient, source);
      if (!matched && near_.IsAlone(WordAt(i), token)) Add({i, i, IdentifierType::kName, true}, 0.9f, "roster/typo");
      if (lengths_ != 0 && BeginsCompact(i)) MatchCompact(i);
      if (!input_.identities.empty() && IsBroken(i)) MatchBroken(i);
    }
    const std::vector<Match> names = std::move(own_names_);
    for (const Match& match : names) MatchBeside(match);
  }

 private:
  static constexpr size_t kFilterBits = 4096;

  // Tokens [first, last].
  struct Match {
    size_t first = 0;
    size_t last = 0;
    IdentifierType type = IdentifierType::kName;
    bool own = false;  // of the document's patients
  };
  struct Known {
    IdentifierType type;
    bool cased;
    bool own;
    bool announced = false;
  };

  std::string_view WordAt(size_t i) const { return text_.substr(tokens_[i].begin, tokens_[i].size()); }

  // The longest sequence form that begins with token `first`.
  bool MatchSequence(size_t first, bool patient, bool source) {
    uint64_t hash = kHashSeed;
    std::optional<Match> best;
    bool all_upper = true;
    for (size_t i = first; i < tokens_.size() && i < first + kMaxFormTokens; ++i) {
      if (i > first && !IsGap(text_, tokens_[i - 1], tokens_[i], IsNameGap)) break;
      hash = HashToken(hash, tokens_[i].hash);
      all_upper &= tokens_[i].upper || !tokens_[i].has_alpha;
      const std::optional<Known> known = Look(hash, i - first + 1, patient, source && i > first);
      if (known && (all_upper || !known->cased) && IsItsPlace(*known, first))
        best = {first, i, known->type, known->own};
    }
    if (best) Add(WithOtherHalves(*best), 0.99f, "roster/name");
    return best.has_value();
  }

  // "Ostran-" at the end of a line, "der" on the next.
  bool IsBroken(size_t i) const {
    if (i + 1 >= tokens_.size() || text_[tokens_[i].end] != '-') return false;
    const Token &left = tokens_[i], &right = tokens_[i + 1];
    const std::string_view gap = text_.substr(left.end + 1, right.begin - left.end - 1);
    return !left.has_digit && !right.has_digit && gap.find('\n') != std::string_view::npos && gap.size() < kMaxGap &&
           std::all_of(gap.begin(), gap.end(), IsSpace);
  }

  void MatchBroken(size_t i) {
    Characters word;
    for (const char c : WordAt(i)) word.Add(c);
    for (const char c : WordAt(i + 1)) word.Add(c);
    const auto known = Look(HashToken(kHashSeed, word.hash), 1, true, false);
    if (known && !known->announced && (tokens_[i].upper || !known->cased)) {
      Add({i, i + 1, known->type, known->own}, 0.99f, "roster/name");
    }
  }

  bool IsItsPlace(const Known& known, size_t first) { return !known.announced || places_.IsAnnounced(first); }

  bool BeginsCompact(size_t i) const {
    for (size_t letters = 0; letters <= kLettersOfNumber && i + letters < tokens_.size(); ++letters) {
      const size_t at = i + letters;
      if (letters > 0 && tokens_[at].begin - tokens_[at - 1].end > kNumberGap) return false;
      if (tokens_[at].has_digit) return true;
    }
    return false;
  }

  void MatchCompact(size_t first) {
    Characters whole, stripped;  // with and without leading zeros
    std::optional<Match> best;
    for (size_t i = first; i < tokens_.size() && i < first + kMaxCompactTokens; ++i) {
      if (i > first && !IsGap(text_, tokens_[i - 1], tokens_[i], IsNumberGap)) break;
      if (whole.length + tokens_[i].size() > kMaxCompactLength + 8) break;
      for (const char c : WordAt(i)) {
        whole.Add(c);
        if (stripped.length > 0 || c != '0') stripped.Add(c);
      }
      for (const auto& run : {stripped, whole}) {
        if (run.length > kMaxCompactLength || (lengths_ >> run.length & 1) == 0) continue;
        const auto known = Look(run.hash, 0, true, input_.by_source != nullptr);
        if (known && IsItsPlace(*known, first)) best = {first, i, known->type, false};
      }
    }
    if (best) Add(*best, 0.99f, "roster/number");
  }

  std::optional<Known> Look(uint64_t hash, size_t tokens, bool patient, bool source) const {
    std::optional<Known> announced;
    for (const IdentityForms* identity : input_.identities) {
      if (!patient) break;
      const auto found = std::lower_bound(identity->forms.begin(), identity->forms.end(), hash,
                                          [](const Form& form, uint64_t wanted) { return form.hash < wanted; });
      for (auto at = found; at != identity->forms.end() && at->hash == hash; ++at) {
        if (at->tokens != tokens) continue;
        const Known known{at->type, at->own_cased, true, at->announced};
        if (!known.announced) return known;
        announced = known;
      }
    }
    if (!source) return announced;
    const FormKind kind = tokens == 0 ? FormKind::kCompact : FormKind::kSequence;
    const auto form = input_.by_source->Find(input_.source_key, hash, kind);
    return form ? std::optional(Known{form->type, form->cased, false}) : announced;
  }

  // "Ada Quill-Ostrander" and "Ada Ostrander-Quill", of whom Ada Quill is known.
  Match WithOtherHalves(Match match) const {
    if (match.type != IdentifierType::kName) return match;
    const Match known = match;
    if (known.last + 1 < tokens_.size() && IsOtherHalf(known, known.last, known.last + 1)) ++match.last;
    if (known.first > 0 && IsOtherHalf(known, known.first, known.first - 1)) --match.first;
    return match;
  }

  bool IsOtherHalf(const Match& known, size_t name, size_t other) const {
    const Token& left = tokens_[std::min(name, other)];
    const Token& right = tokens_[std::max(name, other)];
    const Token& half = tokens_[other];
    if (right.begin != left.end + 1 || text_[left.end] != '-') return false;
    if (half.has_digit || half.size() < kShortestHalf || half.upper != tokens_[name].upper) return false;
    constexpr uint32_t kNoName = word::kNotName | word::kEponymNoun;
    const uint32_t classes = Lexicon::Get().ClassesOf(half.hash);
    if ((classes & kNoName) != 0 && (classes & word::kCommon) == 0) return false;
    return (half.upper && known.last > known.first) || !IsOtherWord(WordAt(other), half.hash);
  }

  // The rest of a name, mistyped, before or behind one part of it; an initial may stand between.
  void MatchBeside(const Match& match) {
    MatchBeside(match, match.first, -1);
    MatchBeside(match, match.last, +1);
  }

  void MatchBeside(const Match& match, size_t edge, int step) {
    for (int hop = 0; hop < 2; ++hop) {
      const size_t next = edge + static_cast<size_t>(step);  // wraps below zero to beyond the end
      if (next >= tokens_.size()) return;
      if (!IsGap(text_, tokens_[std::min(edge, next)], tokens_[std::max(edge, next)], IsNameGap)) return;
      if (!tokens_[next].upper && tokens_[step < 0 ? match.first : match.last].upper) return;
      if (near_.IsBeside(WordAt(next), tokens_[next])) {
        return Add({next, next, IdentifierType::kName, true}, 0.9f, "roster/typo");
      }
      if (tokens_[next].size() > 1 || tokens_[next].has_digit) return;
      edge = next;
    }
  }

  void Add(const Match& match, float score, std::string_view detector) {
    findings_.push_back({.begin = tokens_[match.first].begin,
                         .end = tokens_[match.last].end,
                         .type = match.type,
                         .score = score,
                         .detector = detector});
    if (match.own && match.type == IdentifierType::kName) own_names_.push_back(match);
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const MatchInput& input_;
  std::vector<Finding>& findings_;
  const NearWords near_;
  AnnouncedPlaces places_;
  std::bitset<kFilterBits> firsts_;
  uint64_t lengths_ = 0;
  std::vector<Match> own_names_;
};

}  // namespace

void MatchForms(const Text& text, const MatchInput& input, std::vector<Finding>& findings) {
  Matcher(text, input, findings).Run();
}

}  // namespace freshet::deid
