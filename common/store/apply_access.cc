// What happens to access lists, groups and consents.
#include <algorithm>

#include "common/store/apply.h"

namespace freshet::store {
namespace {

std::vector<std::string> Names(const std::vector<Principal>& principals) {
  std::vector<std::string> names;
  names.reserve(principals.size());
  for (const Principal& principal : principals) names.push_back(principal.value);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

Applier::Effect Applier::Do(const Mutation& mutation, const SetAccess& change) {
  const SourceKey key{SourceOf(mutation), change.scope.value};
  const ScopeLists* known = batch_.scopes.Find(key);
  if (known != nullptr && mutation.origin.version <= known->newest().version) return {.outcome = Outcome::kSuperseded};
  AccessList list{.version = mutation.origin.version, .content = change.content_version, .removed = change.removed};
  if (!change.removed) {
    list.allow = Names(change.allow);
    list.deny = Names(change.deny);
  }
  Push(batch_.scopes.Edit(key), std::move(list));
  return {.outcome = Outcome::kIndexed, .operation = Operation::kAccess, .only_grants = known == nullptr};
}

Applier::Effect Applier::Do(const Mutation& mutation, const SetGroup& change) {
  const SourceKey key{SourceOf(mutation), change.group.value};
  const GroupMembers* known = batch_.groups.Find(key);
  if (known != nullptr && mutation.origin.version <= known->version) return {.outcome = Outcome::kSuperseded};
  batch_.groups.Edit(key) = {mutation.origin.version, Names(change.members)};
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
