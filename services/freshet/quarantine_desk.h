// The work behind the quarantine routes of the query service, by the review of the pipeline in this process.
//
//   parts.quarantine = DeskOf(*runtime->review(), clock);     // both outlive it
#pragma once

#include "services/query/quarantine.h"
#include "services/runtime/review.h"

namespace freshet {

query::QuarantineDesk DeskOf(Review& review, const Clock& clock);

}  // namespace freshet
