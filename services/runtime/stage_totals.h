// StageTotals: what became of a stage's inputs in one lane, from stored progress, for metrics (DESIGN §4.6).
//
//   StageTotals totals = TotalsOf(Step::kChunk, account);    // account: of the run of fused steps that the stage is in
//   totals.inputs == the sum of totals.outcomes, always
//
// Steps of one run share an account, which says of each skip which step's it is: what an earlier step skipped passes
// the later ones as `skipped_before`. Outcomes: forwarded, control, skipped_before, and the code of each skip of its
// own. In a run that ends in the index, a skip that was superseded there counts as forwarded. Plain values.
#pragma once

#include <map>
#include <string>

#include "common/stage/account.h"
#include "common/store/index_store.h"

namespace freshet {

struct StageTotals {
  uint64_t inputs = 0;
  std::map<std::string, uint64_t> outcomes;
};

StageTotals TotalsOf(Step step, const StageAccount& account);
// The sink's account of a partition, as that of the run that it ends.
StageAccount AccountOf(const store::Account& account);

}  // namespace freshet
