// Recleaner: an original through de-identification under another policy than its collection's, for the generation of
// the index that is of that policy (generation_builder.h).
//
//   Result<std::optional<CleanDocument>> clean = recleaner.Clean(origin, "limited_data_set");
//
// Originals stay with de-identification: what leaves here is clean, under its stamp, and has passed the scan before
// indexing by the identities that are known now. Nothing comes of a version whose original a newer one has replaced:
// that one is on its way, or was skipped, which the index knows (State::AheadOf). A reviewer who let something through
// has seen it as the collection's own policy leaves it, so doubts of another policy stand. Codes: unavailable (the
// roster or the originals are not whole yet), quarantined (doubt, or something was left in), expired (no original is
// kept), those of the stage and of originals. One thread.
#pragma once

#include <functional>

#include "services/deid/deid.h"
#include "services/deid/originals.h"
#include "services/runtime/hops.h"
#include "services/runtime/shared_roster.h"

namespace freshet {

class Recleaner {
 public:
  struct Stores {
    deid::Originals& originals;
    const SharedRoster& roster;
    std::function<bool()> whole;  // roster and originals are
  };
  // All must outlive it.
  Recleaner(const HopContext& context, Stores stores) : context_(context), stores_(std::move(stores)) {}

  // `policy`, by name: the collection's own, or the one beside it.
  Result<std::optional<CleanDocument>> Clean(const Origin& origin, std::string_view policy);

 private:
  const HopContext& context_;
  const Stores stores_;
  std::unique_ptr<deid::Deid> stage_;  // made when first needed
};

// The policy of this name that a collection has, or that is beside it; null: neither.
std::shared_ptr<const deid::Policy> PolicyNamed(const RuntimeOptions& options, const CollectionName& collection,
                                                std::string_view name);

}  // namespace freshet
