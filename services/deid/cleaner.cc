#include "services/deid/cleaner.h"

#include <algorithm>

#include "services/deid/risk.h"
#include "services/deid/risk_traits.h"
#include "services/deid/verify.h"

namespace freshet::deid {
namespace {

bool MakesUp(const Policy& policy) {
  return std::any_of(policy.rules.begin(), policy.rules.end(),
                     [](const Rule& rule) { return rule.action > Action::kPlaceholder; });
}

}  // namespace

Result<std::unique_ptr<Cleaner>> Cleaner::Make(NameModel use) {
  FRESHET_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<Detector>> detectors, MakeDetectors(use));
  return std::unique_ptr<Cleaner>(new Cleaner(std::move(detectors)));
}

Resolved Cleaner::Find(std::string_view text, const CleanJob& job) {
  text_.Assign(text);
  findings_.clear();
  for (const auto& detector : detectors_) detector->Detect(text_, job.context, findings_);
  return Resolve(text_, job.policy, findings_);
}

Result<Cleaned> Cleaner::CleanText(std::string_view text, std::span<const Block> blocks, const CleanJob& job) {
  Resolved resolved = Find(text, job);
  Cleaned clean{.findings = ClipToBlocks(resolved.findings, blocks), .guesses = std::move(resolved.guesses)};
  clean.risk = RiskOf(clean.guesses, TraitsOf(text_, clean.findings));
  Replaced replaced = Replace(text, blocks, clean.findings, PlaceholderReplacer(job.policy));
  FRESHET_RETURN_IF_ERROR(clean.findings.empty() ? VerifyShapes(replaced.text, job.policy)
                                                 : Verify(replaced.text, job.policy, job.context));
  // What is made up may look like anything: what is verified is the text around it.
  if (MakesUp(job.policy) && !clean.findings.empty()) {
    replaced = Replace(text, blocks, clean.findings, PolicyReplacer(job.policy, job.keys));
  }
  clean.text = std::move(replaced.text);
  clean.blocks = std::move(replaced.blocks);
  clean.edits = std::move(replaced.edits);
  return clean;
}

Found Cleaner::FindAll(std::string_view text, std::span<const Block> blocks, const CleanJob& job) {
  Found found{.resolved = ClipToBlocks(Find(text, job).findings, blocks)};
  for (Finding finding : findings_) {
    const Range range = text_.ToSource({finding.begin, finding.end});
    finding.begin = range.begin;
    finding.end = range.end;
    found.all.push_back(finding);
  }
  return found;
}

Result<std::string> Cleaner::CleanLine(std::string_view announced_by, std::string_view line, const CleanJob& job) {
  std::string whole(announced_by);
  if (!whole.empty()) whole += ": ";
  const auto prefix = static_cast<uint32_t>(whole.size());
  whole += line;
  std::vector<Finding> findings = Find(whole, job).findings;
  // What names a thing in a system is often written as one word: "patient_name", "john_roe".
  if (whole.find('_') != std::string::npos) {
    std::replace(whole.begin(), whole.end(), '_', ' ');
    const Resolved apart = Find(whole, job);
    findings.insert(findings.end(), apart.findings.begin(), apart.findings.end());
    findings = Union(std::move(findings));
  }
  std::erase_if(findings, [&](const Finding& finding) { return finding.end <= prefix; });
  for (Finding& finding : findings) {
    finding.begin = std::max(finding.begin, prefix) - prefix;
    finding.end -= prefix;
  }
  std::string clean = Replace(line, {}, findings, PlaceholderReplacer(job.policy)).text;
  FRESHET_RETURN_IF_ERROR(Verify(clean, job.policy, job.context));
  if (!MakesUp(job.policy) || findings.empty()) return clean;
  return Replace(line, {}, findings, PolicyReplacer(job.policy, job.keys)).text;
}

}  // namespace freshet::deid
