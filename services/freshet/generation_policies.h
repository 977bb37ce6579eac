// GenerationPolicies: which de-identification policy a generation of an index is of, by its recipe
// (common/store/recipe.h), for queries: what was made under another one is not shown.
//
//   const GenerationPolicies policies(index, clock, {{notes, {"safe_harbor", "limited_data_set"}}});
//   policies.Of(notes, 2)    // "limited_data_set"
//
// The recipe of a number stays what it is, so what was seen is not asked for again. A number without a recipe that
// names a policy may be given one yet: it is asked for again, but not by each search, as a list of generations counts
// all documents. A policy that the configuration does not name for the collection counts as unknown. Any thread; index
// and clock must outlive it.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "common/base/clock.h"
#include "common/store/index_store.h"

namespace freshet {

class GenerationPolicies {
 public:
  using Names = std::map<CollectionName, std::set<std::string>>;
  static constexpr Duration kAskAgain = std::chrono::seconds(1);
  GenerationPolicies(const store::IndexReader& index, const Clock& clock, Names known)
      : index_(index), clock_(clock), known_(std::move(known)) {}

  // Empty: not known.
  std::string Of(const CollectionName& collection, uint32_t generation) const;

 private:
  using Number = std::pair<CollectionName, uint32_t>;
  void Look(const Number& number) const;

  const store::IndexReader& index_;
  const Clock& clock_;
  const Names known_;
  mutable std::mutex mutex_;
  mutable std::map<Number, std::string> seen_;
  mutable std::map<Number, Time> ask_again_;  // of those that were asked for in vain
};

}  // namespace freshet
