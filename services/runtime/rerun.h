// Rerun: an original goes through de-identification once more: the same version, a higher run, in the backfill lane.
//
//   Status told = Rerunner(context).Run(origin, upsert);
//
// A run's number is the clock's microseconds, so that runs for different reasons need no common count; it is always
// above the one before it of the same original. Codes: the log's. Internal to runtime. Any thread.
#pragma once

#include "services/runtime/hops.h"

namespace freshet {

class Rerunner {
 public:
  // What the parts and options refer to must outlive it.
  Rerunner(const RuntimeOptions& options, const RuntimeParts& parts) : options_(options), parts_(parts) {}
  explicit Rerunner(const HopContext& context) : Rerunner(context.options, context.parts) {}

  // `origin` is of the run that is superseded, as far as it is known.
  Status Run(Origin origin, const Upsert& upsert) const;
  // Hides the document's content up to the origin's version and run, at once, for a reason.
  Status Withhold(Origin origin, Code reason) const;

 private:
  Status Publish(const ChangeEvent& event, Lane lane) const;

  const RuntimeOptions& options_;
  const RuntimeParts& parts_;
};

}  // namespace freshet
