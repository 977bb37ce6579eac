#include "services/runtime/holding_letters.h"

namespace freshet {

Status HoldingLetters::Write(std::span<const SkippedInput> inputs) {
  for (const SkippedInput& input : inputs) {
    if (input.skipped.code != Code::kQuarantined || input.skipped.stage != Step::kDeid) continue;
    FRESHET_RETURN_IF_ERROR(Hold(input.origin));
  }
  return parts_.letters.Write(inputs);
}

// A version that is not the newest kept any more has nothing to be reviewed.
Status HoldingLetters::Hold(const Origin& origin) {
  FRESHET_ASSIGN_OR_RETURN(const auto original, parts_.originals.Load(KeyOf(origin)));
  if (!original || original->first.version != origin.version) return OkStatus();
  const deid::DeidState state = parts_.state();
  const deid::Judgement judgement = parts_.stage.Judge({origin, original->second}, state);
  return parts_.quarantine.Hold({.origin = origin,
                                 .reason = judgement.reason,
                                 .risk = judgement.risk,
                                 .policy = state.PolicyOf(origin.collection).Stamp(),
                                 .since = parts_.clock.Now()});
}

}  // namespace freshet
