#include "services/runtime/stage_totals.h"

namespace freshet {

StageTotals TotalsOf(Step step, const StageAccount& account) {
  StageTotals totals{.inputs = account.total()};
  uint64_t forwarded = account.forwarded;
  for (const auto& [why, count] : account.skipped) {
    const auto& [by, code] = why;
    if (by == step) totals.outcomes[std::string(NameOf(code))] += count;
    if (by < step) totals.outcomes["skipped_before"] += count;
    if (by > step) forwarded += count;
  }
  totals.outcomes["forwarded"] = forwarded;
  totals.outcomes["control"] = account.control;
  return totals;
}

StageAccount AccountOf(const store::Account& account) {
  StageAccount run{.skipped = account.skipped};
  for (const auto& [outcome, count] : account.outcomes) {
    if (outcome == store::Outcome::kControl) run.control += count;
    if (outcome == store::Outcome::kIndexed || outcome == store::Outcome::kSuperseded) run.forwarded += count;
  }
  return run;
}

}  // namespace freshet
