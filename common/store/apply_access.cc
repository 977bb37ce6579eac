// What happens to access lists, groups and consents.
#include <algorithm>

#include "common/store/apply.h"

namespace freshet::store {
namespace {

std::vector<Entry> EntriesOf(const std::vector<Listed>& listed) {
  std::vector<Entry> entries;
  entries.reserve(listed.size());
  for (const Listed& one : listed) entries.emplace_back(one.principal.value, one.period);
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

}  // namespace

Applier::Effect Applier::Do(const Mutation& mutation, const SetAccess& change) {
  const SourceKey key{SourceOf(mutation), change.scope.value};
  const ScopeLists* known = batch_.scopes.Find(key);
  if (known != nullptr && mutation.origin.version <= known->newest().version) return {.outcome = Outcome::kSuperseded};
  AccessList list{.version = mutation.origin.version, .content = change.content_version, .removed = change.removed};
  if (!change.removed) {
    list.allow = EntriesOf(change.allow);
    list.deny = EntriesOf(change.deny);
  }
  Push(batch_.scopes.Edit(key), std::move(list));
  return {.outcome = Outcome::kIndexed, .operation = Operation::kAccess, .only_grants = known == nullptr};
}

Applier::Effect Applier::Do(const Mutation& mutation, const SetGroup& change) {
  const SourceKey key{SourceOf(mutation), change.group.value};
  const GroupMembers* known = batch_.groups.Find(key);
  if (known != nullptr && mutation.origin.version <= known->version) return {.outcome = Outcome::kSuperseded};
  batch_.groups.Edit(key) = {mutation.origin.version, EntriesOf(change.members)};
  return {.outcome = Outcome::kIndexed, .operation = Operation::kAccess};
}

Applier::Effect Applier::Do(const Mutation& mutation, const SetConsent& change) {
  const SourceKey key{SourceOf(mutation), change.patient.value};
  const Consent* known = batch_.consents.Find(key);
  if (known != nullptr && mutation.origin.version <= known->version) return {.outcome = Outcome::kSuperseded};
  batch_.consents.Edit(key) = {mutation.origin.version, change.scope};
  return {.outcome = Outcome::kIndexed, .operation = Operation::kNone};
}

}  // namespace freshet::store
