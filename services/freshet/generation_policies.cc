#include "services/freshet/generation_policies.h"

#include "common/store/recipe.h"

namespace freshet {

void GenerationPolicies::Look(const Number& number) const {
  const Time now = clock_.Now();
  const auto again = ask_again_.find(number);
  if (again != ask_again_.end() && !IsDue(again->second, now, kAskAgain)) return;
  ask_again_[number] = now + kAskAgain;
  for (const store::GenerationInfo& row : index_.Generations()) {
    const std::string policy(store::PolicyOf(row.recipe));
    if (!policy.empty()) seen_[{row.collection, row.number}] = policy;
  }
}

std::string GenerationPolicies::Of(const CollectionName& collection, uint32_t generation) const {
  const auto known = known_.find(collection);
  if (known == known_.end() || generation == 0) return "";  // 0: the index knows no such collection yet
  const Number number(collection, generation);
  const std::lock_guard lock(mutex_);
  if (!seen_.contains(number)) Look(number);
  const auto seen = seen_.find(number);
  return seen != seen_.end() && known->second.contains(seen->second) ? seen->second : "";
}

}  // namespace freshet
