#include "services/deid/evaluate.h"

#include <algorithm>
#include <chrono>

#include "services/deid/cleaner.h"
#include "services/deid/gold.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {
namespace {

uint32_t Overlap(Range a, Range b) {
  const uint32_t begin = std::max(a.begin, b.begin);
  const uint32_t end = std::min(a.end, b.end);
  return end > begin ? end - begin : 0;
}

Range RangeOf(const Finding& finding) { return {finding.begin, finding.end}; }

class Evaluation {
 public:
  Evaluation(Cleaner& cleaner, const Policy& policy) : cleaner_(cleaner), policy_(policy) {}

  Status Add(const GoldText& gold) {
    FRESHET_ASSIGN_OR_RETURN(const ParsedDocument parsed, Parse("text/plain", gold.text));
    const auto begin = std::chrono::steady_clock::now();
    const Result<Cleaned> clean = cleaner_.CleanText(parsed.text, parsed.blocks, {policy_, {}});
    figures_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    figures_.characters += parsed.text.size();
    ++figures_.documents;
    if (!clean.ok() || clean->risk > policy_.risk_limit) {
      if (!clean.ok() && clean.code() != Code::kQuarantined) return clean.status();
      ++figures_.quarantined;
      return OkStatus();
    }
    for (const GoldPlace& place : gold.places) {
      if (place.needed) Count(gold, place, clean->findings);
    }
    for (const Finding& finding : clean->findings) CountFinding(gold, finding);
    for (const std::string& value : gold.values) {
      ++figures_.values;
      figures_.leaked += clean->text.find(value) != std::string::npos;
    }
    figures_.negatives += gold.places.empty();
    figures_.negatives_changed += gold.places.empty() && !clean->findings.empty();
    return OkStatus();
  }

  DeidFigures Take() { return std::move(figures_); }

 private:
  void Count(const GoldText& gold, const GoldPlace& place, std::span<const Finding> findings) {
    const uint32_t size = place.range.end - place.range.begin;
    bool found = false;
    size_t left = 0;
    for (const Finding& finding : findings) found |= 2 * Overlap(RangeOf(finding), place.range) >= size;
    for (uint32_t at = place.range.begin; at < place.range.end; ++at) {
      const bool gone = std::any_of(findings.begin(), findings.end(),
                                    [&](const Finding& finding) { return finding.begin <= at && at < finding.end; });
      left += !gone && IsWord(gold.text[at]);
    }
    for (TypeFigures* figures : {&figures_.all, &figures_.by_type[std::string(place.type)]}) {
      ++figures->gold;
      figures->found += found;
      figures->strict += left == 0;
    }
    if (!found || left > 0) {
      figures_.errors.push_back(
          {gold.id, true, std::string(place.type), gold.text.substr(place.range.begin, size), ""});
    }
  }

  void CountFinding(const GoldText& gold, const Finding& finding) {
    const uint32_t size = finding.end - finding.begin;
    uint32_t needed = 0, optional = 0;
    for (const GoldPlace& place : gold.places) {
      (place.needed ? needed : optional) += Overlap(RangeOf(finding), place.range);
    }
    const bool right = 2 * needed >= size;
    if (!right && 2 * (needed + optional) >= size) return;
    const std::string label(LabelOf(finding.type));
    for (TypeFigures* figures : {&figures_.all, &figures_.by_type[label]}) {
      ++figures->predicted;
      figures->right += right;
    }
    if (right) return;
    figures_.errors.push_back(
        {gold.id, false, label, gold.text.substr(finding.begin, size), std::string(finding.detector)});
  }

  Cleaner& cleaner_;
  const Policy& policy_;
  DeidFigures figures_;
};

}  // namespace

double TypeFigures::F2() const {
  const double weighed = 4 * Precision() + Recall();
  return weighed == 0 ? 0 : 5 * Precision() * Recall() / weighed;
}

Result<DeidFigures> EvaluateDeid(std::istream& gold, const EvaluateOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(const std::shared_ptr<const Policy> policy, FindPolicy(options.policy));
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<Cleaner> cleaner, Cleaner::Make());
  Evaluation evaluation(*cleaner, *policy);
  std::string line;
  for (size_t number = 1; std::getline(gold, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    FRESHET_ASSIGN_OR_RETURN(const GoldText one, ReadGold(line, number));
    FRESHET_RETURN_IF_ERROR(evaluation.Add(one));
  }
  return evaluation.Take();
}

}  // namespace freshet::deid
