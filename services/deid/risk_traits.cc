#include "services/deid/risk_traits.h"

#include <algorithm>
#include <cmath>

#include "services/deid/lexicon.h"
#include "services/deid/tagger_model.h"

namespace freshet::deid {
namespace {

// In the order of the names.
constexpr std::array<double, kRiskTraitNames.size()> kWeights = {-4.49, 1.23, -0.95, -0.68, 0.39, 0.13, 2.07};

// No text of the fit is worse than this: a long document with many identifiers is no reason to quarantine it.
constexpr double kMost = 0.3;

constexpr size_t kShortestName = 3;
constexpr size_t kDigitsOfNumber = 4;
constexpr float kMostDensity = 50;

bool IsYear(std::string_view word) {
  return word.size() == 4 && (word.starts_with("19") || word.starts_with("20")) &&
         std::all_of(word.begin(), word.end(), IsDigit);
}

// Counts of words that nothing was found in.
struct Left {
  size_t unknown = 0;
  size_t names = 0;
  size_t numbers = 0;

  void Add(const Token& token, std::string_view word, const TaggerModel* model) {
    if (token.has_digit) {
      const auto digits = static_cast<size_t>(std::count_if(word.begin(), word.end(), IsDigit));
      numbers += (digits >= kDigitsOfNumber || (token.has_alpha && word.size() > kDigitsOfNumber)) && !IsYear(word);
    } else if (token.upper && word.size() >= kShortestName) {
      constexpr uint32_t kListed = word::kCommon | word::kNotName | word::kEponymNoun | word::kWeekday;
      const uint32_t bits = model == nullptr ? 0 : model->WordBits(token.hash);
      if ((bits & word_list::kCommon) != 0 || (Lexicon::Get().ClassesOf(token.hash) & kListed) != 0) return;
      (bits == 0 ? unknown : names) += 1;
    }
  }
};

float LogOf(size_t count) { return std::log1p(static_cast<float>(count)); }

}  // namespace

RiskTraits TraitsOf(const Text& text, std::span<const Finding> removed) {
  const Result<const TaggerModel*> model = TaggerModel::Get();
  Left left;
  size_t words = 0, capitals = 0, at = 0;
  for (const Token& token : text.tokens()) {
    words += token.has_alpha;
    capitals += token.upper;
    if (!token.upper && !token.has_digit) continue;
    const Range place = text.ToSource({token.begin, token.end});
    while (at < removed.size() && removed[at].end <= place.begin) ++at;
    if (at < removed.size() && removed[at].begin < place.end) continue;
    left.Add(token, text.folded().substr(token.begin, token.size()), model.ok() ? *model : nullptr);
  }
  const float density =
      100 * static_cast<float>(removed.size()) / static_cast<float>(std::max<size_t>(text.tokens().size(), 1));
  return {1,
          LogOf(removed.size()),
          std::min(density, kMostDensity) / kMostDensity,
          LogOf(left.unknown),
          LogOf(left.names),
          LogOf(left.numbers),
          words >= 3 && capitals == 0 ? 1.0f : 0.0f};
}

float UnguessedOf(const RiskTraits& traits) {
  double sum = 0;
  for (size_t i = 0; i < traits.size(); ++i) sum += kWeights[i] * static_cast<double>(traits[i]);
  return static_cast<float>(std::min(1 / (1 + std::exp(-sum)), kMost));
}

}  // namespace freshet::deid
