#include "services/deid/explain.h"

#include <algorithm>

namespace freshet::deid {
namespace {

bool IsSurer(const Evidence& a, const Evidence& b) {
  return a.score != b.score ? a.score > b.score : a.detector < b.detector;
}

// What a policy that changes this document lets stay, and why.
Verdict VerdictOf(const Policy& policy, const Finding& finding) {
  return policy.rule(finding.type).action == Action::kKeep ? Verdict::kKeptByPolicy : Verdict::kKeptInDoubt;
}

Decision DecisionOf(const Policy& policy, const Finding& finding, std::string_view text) {
  return {.range = {finding.begin, finding.end},
          .rule = policy.rule(finding.type),
          .by = {finding.type, finding.score, finding.detector},
          .original = std::string(text.substr(finding.begin, finding.end - finding.begin))};
}

bool Overlaps(const Finding& finding, Range range) { return finding.begin < range.end && finding.end > range.begin; }

// The surest of what stays, wherever nothing else was decided.
void AddKept(const std::vector<Finding>& all, const Policy& policy, Explanation& why) {
  std::vector<Finding> surest = all;
  std::stable_sort(surest.begin(), surest.end(), [](const Finding& a, const Finding& b) { return a.score > b.score; });
  std::vector<Decision> kept;
  for (const Finding& finding : surest) {
    const auto is_over = [&](const Decision& one) { return Overlaps(finding, one.range); };
    const auto after = std::partition_point(why.decisions.begin(), why.decisions.end(),
                                            [&](const Decision& one) { return one.range.end <= finding.begin; });
    if (after != why.decisions.end() && is_over(*after)) continue;
    if (std::any_of(kept.begin(), kept.end(), is_over)) continue;
    kept.push_back(DecisionOf(policy, finding, why.text));
    kept.back().verdict = VerdictOf(policy, finding);
  }
  why.decisions.insert(why.decisions.end(), kept.begin(), kept.end());
  std::sort(why.decisions.begin(), why.decisions.end(),
            [](const Decision& a, const Decision& b) { return a.range.begin < b.range.begin; });
}

void AddEvidence(std::vector<Finding> all, std::vector<Decision>& decisions) {
  std::sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) { return a.begin < b.begin; });
  for (const Finding& finding : all) {
    auto one = std::partition_point(decisions.begin(), decisions.end(),
                                    [&](const Decision& decision) { return decision.range.end <= finding.begin; });
    for (; one != decisions.end() && Overlaps(finding, one->range); ++one) {
      const Evidence evidence{finding.type, finding.score, finding.detector};
      if (std::find(one->evidence.begin(), one->evidence.end(), evidence) == one->evidence.end()) {
        one->evidence.push_back(evidence);
      }
    }
  }
  for (Decision& one : decisions) std::sort(one.evidence.begin(), one.evidence.end(), IsSurer);
}

std::string LowerMeaning(IdentifierType type) {
  std::string meaning(AllIdentifiers()[static_cast<size_t>(type)].meaning);
  if (!meaning.empty() && meaning.back() == '.') meaning.pop_back();
  if (!meaning.empty()) meaning[0] = ToLower(meaning[0]);
  return meaning;
}

std::string Hundredths(float score) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(score));
  return text;
}

}  // namespace

Result<Explanation> Explain(Cleaner& cleaner, const ParsedDocument& document, const CleanJob& job) {
  Explanation why{.policy = job.policy.Stamp(), .text = document.text};
  if (!job.policy.cleans) {
    why.output = document.text;
    return why;
  }
  const Result<Cleaned> clean = cleaner.CleanText(document.text, document.blocks, job);
  if (!clean.ok() && clean.code() != Code::kQuarantined) return clean.status();
  const Found found = cleaner.FindAll(document.text, document.blocks, job);
  const PolicyReplacer replacer(job.policy, job.keys);
  for (const Finding& finding : found.resolved) {
    Decision decision = DecisionOf(job.policy, finding, why.text);
    replacer.Append(finding, decision.original, decision.replacement);
    why.decisions.push_back(std::move(decision));
  }
  AddKept(found.all, job.policy, why);
  AddEvidence(found.all, why.decisions);
  why.risk = clean.ok() ? clean->risk : 1;
  why.forwarded = clean.ok() && why.risk <= job.policy.risk_limit;
  if (why.forwarded) why.output = clean->text;
  return why;
}

std::string SentenceOf(const Decision& decision) {
  switch (decision.verdict) {
    case Verdict::kGone:
      return "Gone (" + std::string(NameOf(decision.rule.action)) + "): " + LowerMeaning(decision.by.type) + ".";
    case Verdict::kKeptByPolicy:
      return "Left in: the policy keeps this kind, " + LowerMeaning(decision.by.type) + ".";
    case Verdict::kKeptInDoubt:
      return decision.by.score >= decision.rule.threshold
                 ? "Left in: part of something surer that stays."
                 : "Left in: less sure than " + Hundredths(decision.rule.threshold) + " that it is " +
                       LowerMeaning(decision.by.type) + ".";
  }
  return {};
}

}  // namespace freshet::deid
