#include "common/store/apply.h"

#include "common/base/overloaded.h"

namespace freshet::store {
bool IsWellFormed(const Mutation& mutation) {
  const Origin& origin = mutation.origin;
  const bool source = !origin.source.empty();
  const bool collection = source && !origin.collection.empty();
  const bool document = collection && !origin.document.empty();
  return std::visit(Overloaded{
                        [&](const SetAccess& change) { return source && !change.scope.empty(); },
                        [&](const SetGroup& change) { return source && !change.group.empty(); },
                        [&](const SetConsent& change) { return source && !change.patient.empty(); },
                        [&](const BeginSnapshot&) { return collection; },
                        [&](const EndSnapshot&) { return collection; },
                        [&](const ConfirmDeletes&) { return source; },
                        [&](const AdvanceTime&) { return source; },
                        [&](const LoseRecords&) { return true; },
                        [&](const auto&) { return document; },
                    },
                    mutation.change);
}

SourceNumber Applier::SourceOf(const Mutation& mutation) const {
  return state_.source_numbers.at(mutation.origin.source);
}

Applied Applier::Apply(const Mutation& mutation) {
  Effect effect{.outcome = Outcome::kSkipped, .code = Code::kCorruptRecord};
  if (IsWellFormed(mutation)) {
    effect = std::visit([&](const auto& change) { return Do(mutation, change); }, mutation.change);
  }
  CountIn(mutation, effect);
  return {effect.outcome, effect.operation, effect.only_grants};
}

void Applier::CountIn(const Mutation& mutation, const Effect& effect) {
  const auto* lost = std::get_if<LoseRecords>(&mutation.change);
  const uint64_t records = lost == nullptr ? 1 : lost->count;
  const Position& position = mutation.position;
  Count(batch_.accounts.Edit({position.stream, position.partition}), position.offset, records, effect.outcome,
        {effect.stage, effect.code});
}

}  // namespace freshet::store
