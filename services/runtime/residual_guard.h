// ResidualGuard: the scan before indexing (services/deid/residual.h), and what follows from what it finds: the document
// is withheld as quarantined, listed in quarantine, and told in the log with its runbook; where a source has too many,
// nothing of it goes on any more until this process starts anew, and its connector is told to pause.
//
//   ResidualGuard guard({.policies = &policies, .roster = roster, .clock = &clock});
//   Code code = guard.Look(origin, clean);        // quarantined: do not index it
//
// Too many: at least `documents` within `window`, and more than `share` of those looked at. One thread, the sink's.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include "schemas/clean.h"
#include "services/deid/policy.h"
#include "services/deid/quarantine.h"
#include "services/deid/roster.h"

namespace freshet {

struct ResidualLimits {
  size_t documents = 5;
  double share = 0.01;
  Duration window = std::chrono::hours(1);
};

class ResidualGuard {
 public:
  struct Parts {
    const std::map<CollectionName, std::shared_ptr<const deid::Policy>>* policies = nullptr;
    // Empty: identities are not known in this process, and shapes alone are looked for.
    std::function<std::shared_ptr<const deid::Roster>()> roster;
    deid::Quarantine* quarantine = nullptr;  // null: it is elsewhere
    const Clock* clock = nullptr;
    std::function<void(const SourceName&)> on_halted;  // once a source
    ResidualLimits limits;
  };
  explicit ResidualGuard(Parts parts) : parts_(std::move(parts)) {}

  // ok, or the code to withhold the document with.
  Code Look(const Origin& origin, const CleanDocument& clean);
  bool IsHalted(const SourceName& source) const;

 private:
  // Counted by minutes: memory does not grow with documents.
  struct Minute {
    Time begin;
    size_t looked = 0;
    size_t found = 0;
  };
  struct Watch {
    std::deque<Minute> minutes;
    bool halted = false;
  };

  Minute& Now(Watch& watch) const;
  void Found(const Origin& origin, Watch& watch);
  bool IsTooMany(const Watch& watch) const;
  void Hold(const Origin& origin, deid::HoldReason reason, const deid::Policy& policy);

  const Parts parts_;
  std::map<SourceName, Watch> sources_;
};

}  // namespace freshet
