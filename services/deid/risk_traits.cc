#include "services/deid/risk_traits.h"

#include <algorithm>
#include <cmath>

#include "services/deid/lexicon.h"
#include "services/deid/tagger_model.h"

namespace freshet::deid {
namespace {

// In the order of the names.
constexpr std::array<double, kRiskTraitNames.size()> kWeights = {-4.68, 1.30, -1.31, -0.64, 0.18, 0.36,
                                                                 2.10,  0.93, -0.60, 0.46,  -0.71};

// No text of the fit is worse than this: a long document with many identifiers is no reason to quarantine it.
constexpr double kMost = 0.3;

constexpr size_t kShortestName = 3;
constexpr size_t kDigitsOfNumber = 4;
constexpr uint32_t kBeside = 2;  // bytes between neighbours

bool IsYear(std::string_view word) {
  return word.size() == 4 && (word.starts_with("19") || word.starts_with("20")) &&
         std::all_of(word.begin(), word.end(), IsDigit);
}

bool IsBeforePlace(std::string_view word) { return word == "at" || word == "in" || word == "from" || word == "our"; }

bool IsPersonOrPlace(IdentifierType type) {
  using enum IdentifierType;
  return type == kName || type == kStaffName || type == kCity || type == kAddress || type == kFacility;
}
bool HasNumbers(IdentifierType type) {
  using enum IdentifierType;
  return type == kAddress || type == kPhone || type == kFax || type == kMrn || type == kAccount || type == kZip;
}

// The findings right before and right behind a place, null where there are none.
struct Neighbours {
  const Finding* before = nullptr;
  const Finding* behind = nullptr;

  template <class Is>
  bool Any(const Is& is) const {
    return (before != nullptr && is(before->type)) || (behind != nullptr && is(behind->type));
  }
};

// Counts of words that nothing was found in.
class Left {
 public:
  Left(const Text& text, std::span<const Finding> removed) : text_(text), removed_(removed) {
    const Result<const TaggerModel*> model = TaggerModel::Get();
    model_ = model.ok() ? *model : nullptr;
  }

  // Tokens in order.
  void Add(size_t i) {
    const Token& token = text_.tokens()[i];
    if (!token.upper && !token.has_digit) return;
    const Range place = text_.ToSource({token.begin, token.end});
    while (at_ < removed_.size() && removed_[at_].end <= place.begin) ++at_;
    if (at_ < removed_.size() && removed_[at_].begin < place.end) return;
    if (token.has_digit) {
      AddNumber(token, NeighboursOf(place));
    } else if (token.size() >= kShortestName) {
      AddWord(i, NeighboursOf(place));
    }
  }

  size_t unknown = 0, names = 0, numbers = 0, beside = 0, number_beside = 0, placed = 0, begins = 0;

 private:
  std::string_view WordOf(const Token& token) const { return text_.folded().substr(token.begin, token.size()); }

  Neighbours NeighboursOf(const Range& place) const {
    Neighbours near;
    if (at_ > 0 && place.begin - removed_[at_ - 1].end <= kBeside) near.before = &removed_[at_ - 1];
    if (at_ < removed_.size() && removed_[at_].begin - place.end <= kBeside) near.behind = &removed_[at_];
    return near;
  }

  void AddNumber(const Token& token, const Neighbours& near) {
    const std::string_view word = WordOf(token);
    const auto digits = static_cast<size_t>(std::count_if(word.begin(), word.end(), IsDigit));
    numbers += (digits >= kDigitsOfNumber || (token.has_alpha && word.size() > kDigitsOfNumber)) && !IsYear(word);
    number_beside += near.Any(HasNumbers);
  }

  void AddWord(size_t i, const Neighbours& near) {
    const Token& token = text_.tokens()[i];
    constexpr uint32_t kListed = word::kCommon | word::kNotName | word::kEponymNoun | word::kWeekday;
    const uint32_t bits = model_ == nullptr ? 0 : model_->WordBits(token.hash);
    if ((bits & word_list::kCommon) != 0 || (Lexicon::Get().ClassesOf(token.hash) & kListed) != 0) return;
    (bits == 0 ? unknown : names) += 1;
    beside += near.Any(IsPersonOrPlace);
    placed += i > 0 && IsBeforePlace(WordOf(text_.tokens()[i - 1]));
    begins += i == 0 ||
              text_.folded().substr(text_.tokens()[i - 1].end, token.begin - text_.tokens()[i - 1].end).find('\n') !=
                  std::string_view::npos;
  }

  const Text& text_;
  const std::span<const Finding> removed_;
  const TaggerModel* model_ = nullptr;
  size_t at_ = 0;  // the first of removed_ that is not behind
};

float LogOf(size_t count) { return std::log1p(static_cast<float>(count)); }

}  // namespace

RiskTraits TraitsOf(const Text& text, std::span<const Finding> removed) {
  Left left(text, removed);
  size_t words = 0, capitals = 0;
  for (size_t i = 0; i < text.tokens().size(); ++i) {
    words += text.tokens()[i].has_alpha;
    capitals += text.tokens()[i].upper;
    left.Add(i);
  }
  const float density =
      100 * static_cast<float>(removed.size()) / static_cast<float>(std::max<size_t>(text.tokens().size(), 1));
  return {1,
          LogOf(removed.size()),
          std::min(density, kMostDensity) / kMostDensity,
          LogOf(left.unknown),
          LogOf(left.names),
          LogOf(left.numbers),
          words >= 3 && capitals == 0 ? 1.0f : 0.0f,
          LogOf(left.beside),
          LogOf(left.number_beside),
          LogOf(left.placed),
          LogOf(left.begins)};
}

float UnguessedOf(const RiskTraits& traits) {
  double sum = 0;
  for (size_t i = 0; i < traits.size(); ++i) sum += kWeights[i] * static_cast<double>(traits[i]);
  return static_cast<float>(std::min(1 / (1 + std::exp(-sum)), kMost));
}

}  // namespace freshet::deid
