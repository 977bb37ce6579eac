// GenerationPolicies: which de-identification policy a generation of an index is of, by its recipe
// (common/store/recipe.h), for queries: what was made under another one is not shown.
//
//   const GenerationPolicies policies(index, {{notes, {"safe_harbor", "limited_data_set"}}});
//   policies.Of(notes, 2)    // "limited_data_set"
//
// The recipe of a number stays what it is, so the index is asked for those alone that were not seen yet. A policy that
// the configuration does not name for the collection counts as unknown. Any thread; the index must outlive it.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "common/store/index_store.h"

namespace freshet {

class GenerationPolicies {
 public:
  using Names = std::map<CollectionName, std::set<std::string>>;
  GenerationPolicies(const store::IndexReader& index, Names known) : index_(index), known_(std::move(known)) {}

  // Empty: not known.
  std::string Of(const CollectionName& collection, uint32_t generation) const;

 private:
  const store::IndexReader& index_;
  const Names known_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<CollectionName, uint32_t>, std::string> seen_;
};

}  // namespace freshet
