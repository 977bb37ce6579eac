#include "connectors/kit/conform.h"

namespace freshet::kit {

std::unique_ptr<Trial> Workshop::NewTrial() {
  Result<std::unique_ptr<Rig>> rig = make_();
  if (rig.ok()) return std::make_unique<Trial>(std::move(*rig), options_);
  trouble_ = "no source to play with: " + rig.status().ToString();
  return nullptr;
}

namespace {

CaseResult RunCase(const CaseRow& row, const MakeRig& make, const ConformOptions& options) {
  Workshop workshop(make, options);
  if (row.needs) {
    const std::unique_ptr<Trial> trial = workshop.NewTrial();
    if (trial == nullptr) return {&row, CaseResult::Verdict::kFailed, workshop.trouble()};
    if (!trial->rig().Can(*row.needs)) return {&row, CaseResult::Verdict::kNotApplicable, "not applicable"};
  }
  std::string wrong = row.run(workshop);
  if (wrong.empty()) wrong = workshop.trouble();
  if (wrong.empty()) return {&row, CaseResult::Verdict::kHeld, "as expected"};
  return {&row, CaseResult::Verdict::kFailed, "FAILED: " + wrong};
}

}  // namespace

std::vector<CaseResult> Conform(const MakeRig& make, const ConformOptions& options, std::span<const std::string> only) {
  std::vector<CaseResult> results;
  for (const CaseRow& row : AllCases()) {
    if (!only.empty() && std::find(only.begin(), only.end(), row.name) == only.end()) continue;
    results.push_back(RunCase(row, make, options));
  }
  return results;
}

bool AllHeld(std::span<const CaseResult> results) {
  return !results.empty() && std::none_of(results.begin(), results.end(), [](const CaseResult& result) {
    return result.verdict == CaseResult::Verdict::kFailed;
  });
}

std::string ConformTable(std::span<const CaseResult> results) {
  std::string table = "| case | expected | seen |\n|---|---|---|\n";
  for (const CaseResult& result : results) {
    table += "| `" + std::string(result.row->name) + "` | " + std::string(result.row->expected) + " | " + result.seen +
             " |\n";
  }
  return table;
}

}  // namespace freshet::kit
