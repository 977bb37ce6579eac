// Residual scan: a last look at a clean document before it is indexed, by other eyes than those that cleaned it: the
// identities of the tenant, and the hard shapes of verify.h, in text, title and attributes. It catches what a bug would
// let by, at whichever stage.
//
//   Status status = ScanResidue(clean, origin.source, policy, roster);     // quarantined: "1 known identities, ..."
//
// It knows no patient of the document by its own id, so it looks for what is telling in every document of the source:
// full names, numbers, addresses, telephones, e-mail. What a policy makes up cannot be told from what it replaced:
// kinds with surrogates are searched for by numbers alone. Policies that clean nothing are not scanned. The message
// counts, it never quotes. Linear in the text. Pure: any thread.
#pragma once

#include "common/base/status.h"
#include "schemas/clean.h"
#include "services/deid/policy.h"
#include "services/deid/roster.h"

namespace freshet::deid {

// `roster` null: shapes alone.
Status ScanResidue(const CleanDocument& clean, const SourceName& source, const Policy& policy, const Roster* roster);

}  // namespace freshet::deid
