#include "services/query/evaluate.h"

#include <algorithm>
#include <cmath>
#include <istream>
#include <nlohmann/json.hpp>
#include <random>

namespace freshet::query {
namespace {

using Json = nlohmann::json;

constexpr int kSamples = 1000;

// A list of strings at the key, or nothing where it is something else.
bool ReadNames(const Json& object, const char* key, std::vector<std::string>& out) {
  if (!object.contains(key)) return true;
  const Json& list = object[key];
  if (!list.is_array()) return false;
  for (const Json& each : list) {
    if (!each.is_string()) return false;
    out.push_back(each.get<std::string>());
  }
  return true;
}

bool ReadRelevant(const Json& object, std::map<std::string, double>& out) {
  if (!object.contains("relevant")) return false;
  const Json& relevant = object["relevant"];
  if (relevant.is_array()) {
    std::vector<std::string> names;
    if (!ReadNames(object, "relevant", names)) return false;
    for (const std::string& name : names) out[name] = 1;
  } else if (relevant.is_object()) {
    for (const auto& [name, grade] : relevant.items()) {
      if (!grade.is_number() || grade.get<double>() < 0 || grade.get<double>() > 10) return false;
      if (grade.get<double>() > 0) out[name] = grade.get<double>();
    }
  } else {
    return false;
  }
  return true;
}

bool ReadText(const Json& object, const char* key, std::string& out) {
  if (!object.contains(key)) return true;
  if (!object[key].is_string()) return false;
  out = object[key].get<std::string>();
  return true;
}

bool ReadQuestion(const Json& object, GoldenQuestion& question) {
  std::vector<std::string> forbidden;
  const bool read = object.is_object() && ReadText(object, "id", question.id) &&
                    ReadText(object, "question", question.question) && ReadText(object, "caller", question.caller) &&
                    ReadRelevant(object, question.relevant) && ReadNames(object, "forbidden", forbidden) &&
                    ReadNames(object, "collections", question.collections);
  question.forbidden.insert(forbidden.begin(), forbidden.end());
  return read && !question.question.empty() && (!question.relevant.empty() || !question.forbidden.empty());
}

double Gain(double grade, size_t rank) { return (std::exp2(grade) - 1) / std::log2(static_cast<double>(rank) + 1); }

double IdealGain(const GoldenQuestion& question, size_t k) {
  std::vector<double> grades;
  for (const auto& [document, grade] : question.relevant) grades.push_back(grade);
  std::sort(grades.rbegin(), grades.rend());
  double ideal = 0;
  for (size_t i = 0; i < std::min(k, grades.size()); ++i) ideal += Gain(grades[i], i + 1);
  return ideal;
}

double MeanOf(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

}  // namespace

Result<std::vector<GoldenQuestion>> ReadGolden(std::istream& in) {
  std::vector<GoldenQuestion> golden;
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    GoldenQuestion question{.id = std::to_string(number)};
    const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!ReadQuestion(object, question)) {
      return Status(Code::kMalformedDocument, "line " + std::to_string(number) + " of the golden set is no question");
    }
    golden.push_back(std::move(question));
  }
  return golden;
}

QuestionFigures Judge(const GoldenQuestion& question, std::span<const std::string> ranked, size_t k) {
  QuestionFigures figures{.id = question.id};
  std::set<std::string> seen;
  double gain = 0, found = 0;
  for (const std::string& document : ranked) {
    if (!seen.insert(document).second) continue;
    if (question.forbidden.contains(document)) ++figures.leaks;
    const auto relevant = question.relevant.find(document);
    const size_t rank = seen.size();
    if (rank > k || relevant == question.relevant.end()) continue;
    gain += Gain(relevant->second, rank);
    found += 1;
    if (figures.reciprocal_rank == 0) figures.reciprocal_rank = 1 / static_cast<double>(rank);
    if (rank == 1) figures.first = 1;
  }
  if (const double ideal = IdealGain(question, k); ideal > 0) figures.ndcg = gain / ideal;
  if (!question.relevant.empty()) figures.recall = found / static_cast<double>(question.relevant.size());
  return figures;
}

Interval Bootstrap(std::span<const double> values, uint64_t seed) {
  if (values.empty()) return {};
  std::mt19937_64 random(seed);
  std::vector<double> means;
  means.reserve(kSamples);
  for (int sample = 0; sample < kSamples; ++sample) {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += values[random() % values.size()];
    means.push_back(sum / static_cast<double>(values.size()));
  }
  return {MeanOf(values), Quantile(means, 0.025), Quantile(means, 0.975)};
}

Interval BootstrapDifference(std::span<const double> now, std::span<const double> before, uint64_t seed) {
  std::vector<double> differences;
  for (size_t i = 0; i < std::min(now.size(), before.size()); ++i) differences.push_back(now[i] - before[i]);
  return Bootstrap(differences, seed);
}

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  const double at = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(values.size())) - 1;
  const auto index = static_cast<ptrdiff_t>(std::max(at, 0.0));
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<size_t>(index)];
}

}  // namespace freshet::query
