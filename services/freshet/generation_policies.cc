#include "services/freshet/generation_policies.h"

#include "common/store/recipe.h"

namespace freshet {

std::string GenerationPolicies::Of(const CollectionName& collection, uint32_t generation) const {
  const auto known = known_.find(collection);
  if (known == known_.end() || generation == 0) return "";  // 0: the index knows no such collection yet
  const std::pair key(collection, generation);
  const std::lock_guard lock(mutex_);
  if (!seen_.contains(key)) {
    for (const store::GenerationInfo& row : index_.Generations()) {
      const std::string policy(store::PolicyOf(row.recipe));
      if (!policy.empty()) seen_[{row.collection, row.number}] = policy;
    }
  }
  const auto seen = seen_.find(key);
  return seen != seen_.end() && known->second.contains(seen->second) ? seen->second : "";
}

}  // namespace freshet
