#include "services/deid/risk.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace freshet::deid {
namespace {

// logit(worth) = offset + slope * logit(score), for detectors whose names begin so; the first that fits.
struct Worth {
  std::string_view detector;
  Company company;
  double offset;
  double slope;
};

constexpr Worth kWorths[] = {
    {"model/", Company::kFew, -2.40, 2.13},  // 760 guesses, 1 right
    {"model/", Company::kMany, 0.58, 1.06},  // 532 guesses, 137 right
};

constexpr float kFewInHundred = 1;

// The worthiest count: guesses of one document are of a kind, and a long one is no worse for every weak guess in it.
constexpr size_t kCounted = 3;

double Logit(double share) { return std::log(share / (1 - share)); }

}  // namespace

Company CompanyOf(const RiskTraits& traits) {
  return traits[kDensityTrait] * kMostDensity < kFewInHundred ? Company::kFew : Company::kMany;
}

float WorthOf(const Finding& guess, Company company) {
  const double score = std::clamp(static_cast<double>(guess.score), 0.01, 0.99);
  for (const Worth& row : kWorths) {
    if (row.company != company || !guess.detector.starts_with(row.detector)) continue;
    return static_cast<float>(1 / (1 + std::exp(-(row.offset + row.slope * Logit(score)))));
  }
  // Too few to measure: what the detector says itself.
  return static_cast<float>(score);
}

float RiskOf(std::span<const Finding> guesses, Company company) {
  std::vector<Finding> ordered(guesses.begin(), guesses.end());
  std::sort(ordered.begin(), ordered.end(), [](const Finding& a, const Finding& b) { return a.begin < b.begin; });
  std::vector<float> worths;
  for (size_t i = 0; i < ordered.size();) {
    uint32_t end = ordered[i].end;
    float worth = 0;
    for (; i < ordered.size() && ordered[i].begin < end; ++i) {
      worth = std::max(worth, WorthOf(ordered[i], company));
      end = std::max(end, ordered[i].end);
    }
    worths.push_back(worth);
  }
  std::sort(worths.begin(), worths.end(), std::greater<>());
  double clean = 1;
  for (size_t i = 0; i < std::min(worths.size(), kCounted); ++i) clean *= 1 - static_cast<double>(worths[i]);
  return static_cast<float>(1 - clean);
}

float RiskOf(std::span<const Finding> guesses, const RiskTraits& traits) {
  return 1 - (1 - RiskOf(guesses, CompanyOf(traits))) * (1 - UnguessedOf(traits));
}

}  // namespace freshet::deid
