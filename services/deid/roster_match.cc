#include "services/deid/roster_match.h"

#include <algorithm>
#include <bitset>

#include "services/deid/lexicon.h"
#include "services/deid/tagger_model.h"

namespace freshet::deid {
namespace {

constexpr uint64_t kCompactSalt = 0x5851f42d4c957f2d;
constexpr uint32_t kMaxGap = 8;  // bytes between two tokens of one form

uint64_t KeyOf(uint64_t source_key, uint64_t hash, bool compact) {
  return source_key ^ hash ^ (compact ? kCompactSalt : 0);
}

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

class Matcher {
 public:
  Matcher(const Text& text, const MatchInput& input, std::vector<Finding>& findings)
      : text_(text.folded()), tokens_(text.tokens()), input_(input), findings_(findings) {
    lengths_ = input.source_lengths;
    for (const IdentityForms* identity : input.identities) {
      any_near_ |= !identity->near.empty();
      for (size_t i = 0; i < near_lengths_.size(); ++i) near_lengths_[i] |= identity->near_lengths[i];
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
      if (!matched && any_near_ && MayBeNear(token)) MatchNear(i);
      if (lengths_ != 0 && BeginsCompact(i)) MatchCompact(i);
    }
  }

 private:
  static constexpr size_t kFilterBits = 4096;

  // The longest sequence form that begins with token `first`.
  bool MatchSequence(size_t first, bool patient, bool source) {
    uint64_t hash = kHashSeed;
    const Form* best = nullptr;
    size_t best_last = first;
    bool all_upper = true;
    for (size_t i = first; i < tokens_.size() && i < first + kMaxFormTokens; ++i) {
      if (i > first && !IsGap(text_, tokens_[i - 1], tokens_[i], IsNameGap)) break;
      hash = HashToken(hash, tokens_[i].hash);
      all_upper &= tokens_[i].upper || !tokens_[i].has_alpha;
      const Form* form = Look(hash, i - first + 1, patient, source && i > first);
      if (form == nullptr || (form->cased && !all_upper)) continue;
      best = form;
      best_last = i;
    }
    if (best != nullptr) Add(first, best_last, *best);
    return best != nullptr;
  }

  // One letter more or less, or as many.
  bool MayBeNear(const Token& token) const {
    if (!token.upper || token.has_digit || token.size() + 1 < kShortestTypo || token.size() > 31) return false;
    const auto letter = static_cast<size_t>(ToLower(text_[token.begin]) - 'a');
    return letter < near_lengths_.size() && (near_lengths_[letter] >> (token.size() - 1) & 7) != 0;
  }

  // A word of a patient's name with one typing error, unless it is a word of the language.
  void MatchNear(size_t i) {
    const std::string_view word = text_.substr(tokens_[i].begin, tokens_[i].size());
    const auto is_near = [&](uint64_t hash) {
      return std::any_of(input_.identities.begin(), input_.identities.end(), [&](const IdentityForms* identity) {
        return std::binary_search(identity->near.begin(), identity->near.end(), hash);
      });
    };
    bool near = false;
    ForEachNear(word, [&](uint64_t hash) { near = near || is_near(hash); });
    if (!near) return;
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
    const Result<const TaggerModel*> words = TaggerModel::Get();
    if (IsCommonWord(lower)) return;
    if (words.ok() && ((*words)->WordBits(tokens_[i].hash) & word_list::kCommon) != 0) return;
    findings_.push_back({.begin = tokens_[i].begin,
                         .end = tokens_[i].end,
                         .type = IdentifierType::kName,
                         .score = 0.9f,
                         .detector = "roster/typo"});
  }

  bool BeginsCompact(size_t i) const {
    if (tokens_[i].has_digit) return true;
    return tokens_[i].size() <= 4 && i + 1 < tokens_.size() && tokens_[i + 1].has_digit &&
           tokens_[i + 1].begin - tokens_[i].end <= 2;
  }

  void MatchCompact(size_t first) {
    uint64_t hash = kHashSeed;
    size_t length = 0;
    const Form* best = nullptr;
    size_t best_last = first;
    for (size_t i = first; i < tokens_.size() && i < first + kMaxCompactTokens; ++i) {
      if (i > first && !IsGap(text_, tokens_[i - 1], tokens_[i], IsNumberGap)) break;
      if (length + tokens_[i].size() > kMaxCompactLength + 8) break;
      for (uint32_t at = tokens_[i].begin; at < tokens_[i].end; ++at) {
        if (length == 0 && text_[at] == '0') continue;
        hash = HashByte(hash, static_cast<unsigned char>(ToLower(text_[at])));
        ++length;
      }
      if (length > kMaxCompactLength) break;
      if ((lengths_ >> length & 1) == 0) continue;
      if (const Form* form = Look(hash, 0, true, input_.by_source != nullptr); form != nullptr) {
        best = form;
        best_last = i;
      }
    }
    if (best != nullptr) Add(first, best_last, *best);
  }

  const Form* Look(uint64_t hash, size_t tokens, bool patient, bool source) const {
    for (const IdentityForms* identity : input_.identities) {
      if (!patient) break;
      const auto found = std::lower_bound(identity->forms.begin(), identity->forms.end(), hash,
                                          [](const Form& form, uint64_t wanted) { return form.hash < wanted; });
      for (auto at = found; at != identity->forms.end() && at->hash == hash; ++at) {
        if (at->tokens == tokens) return &*at;
      }
    }
    return source ? input_.by_source->Find(input_.source_key, hash, tokens == 0) : nullptr;
  }

  void Add(size_t first, size_t last, const Form& form) {
    findings_.push_back({.begin = tokens_[first].begin,
                         .end = tokens_[last].end,
                         .type = form.type,
                         .score = 0.99f,
                         .detector = form.tokens == 0 ? "roster/number" : "roster/name"});
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const MatchInput& input_;
  std::vector<Finding>& findings_;
  std::bitset<kFilterBits> firsts_;
  uint64_t lengths_ = 0;
  bool any_near_ = false;
  std::array<uint32_t, 26> near_lengths_{};
};

}  // namespace

void SourceForms::Count(uint64_t source_key, const Form& form, int by) {
  const uint64_t key = KeyOf(source_key, form.hash, form.tokens == 0);
  Counted& counted = forms_.Edit(key);
  counted.form = form;
  counted.count += static_cast<uint32_t>(by);
  if (counted.count == 0) forms_.Erase(key);
  if (form.tokens == 0) return;
  uint32_t& firsts = firsts_.Edit(source_key ^ form.first);
  firsts += static_cast<uint32_t>(by);
  if (firsts == 0) firsts_.Erase(source_key ^ form.first);
}

const Form* SourceForms::Find(uint64_t source_key, uint64_t hash, bool compact) const {
  const Counted* counted = forms_.Find(KeyOf(source_key, hash, compact));
  return counted == nullptr ? nullptr : &counted->form;
}

void MatchForms(const Text& text, const MatchInput& input, std::vector<Finding>& findings) {
  Matcher(text, input, findings).Run();
}

}  // namespace freshet::deid
