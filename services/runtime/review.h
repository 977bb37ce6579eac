// Review: what a reviewer does with documents in quarantine: look, release, run again (services/deid/quarantine.h).
//
//   Result<Review::Shown> shown = runtime->review()->Show(collection, document);     // clear text: never log it
//   Result<deid::Held> held = runtime->review()->Release(collection, document, version, {"olga", now});
//
// Who may do this, and the audit line, are the caller's matter (services/query). A released version goes through its
// policy like any other, but for the limit on doubt; verification stays. Codes: not_found, permission_denied (see
// Quarantine::Release), those of originals and of the log. Any thread.
#pragma once

#include <mutex>

#include "services/deid/deid.h"
#include "services/deid/originals.h"
#include "services/deid/quarantine.h"
#include "services/runtime/rerun.h"
#include "services/runtime/shared_roster.h"

namespace freshet {

class Review {
 public:
  struct Stores {
    deid::Quarantine& quarantine;
    deid::Originals& originals;
    const SharedRoster& roster;
  };
  // All must outlive it.
  Review(const HopContext& context, Stores stores);
  ~Review();

  struct Shown {
    deid::Held held;
    deid::Explanation why;  // as of now: policy and roster may be others than when it was held
  };
  std::vector<deid::Held> List() const { return stores_.quarantine.List(); }
  bool IsHeld(const DocumentKey& document) const { return stores_.quarantine.Find(document).has_value(); }
  Result<Shown> Show(const CollectionName& collection, const DocumentId& document);
  Result<deid::Held> Release(const DocumentKey& document, const Version& version, const deid::Reviewer& reviewer);
  Result<deid::Held> Rerun(const DocumentKey& document);

  // The document that is held under this id; ids are opaque names, so two sources have different ones.
  Result<deid::Held> FindHeld(const CollectionName& collection, const DocumentId& document) const;

 private:
  using Kept = std::pair<Origin, Upsert>;
  Result<Kept> OriginalOf(const deid::Held& held) const;
  Status RunAgain(const deid::Held& held) const;

  const std::shared_ptr<const KeyRing> keys_;
  const std::map<CollectionName, std::shared_ptr<const deid::Policy>> policies_;
  const Stores stores_;
  const Rerunner rerunner_;
  std::mutex stage_mutex_;
  std::unique_ptr<deid::Deid> stage_;  // made when first asked for: few processes ever show anything
};

}  // namespace freshet
