// Verify: looks at cleaned text with other eyes before it may leave: the roster once more, and hard shapes by a small
// scanner of its own, so that a fault in detection, folding, resolution or replacement does not let PHI by.
//
//   Status status = Verify(clean_text, policy, context);     // quarantined: "1 known identities, 0 hard shapes left."
//
// The message counts, it never quotes.
#pragma once

#include <string_view>

#include "common/base/status.h"
#include "services/deid/detector.h"
#include "services/deid/policy.h"

namespace freshet::deid {

Status Verify(std::string_view clean, const Policy& policy, const Context& context);

// The second half alone, for a text that nothing was replaced in: the roster has just seen these very bytes.
Status VerifyShapes(std::string_view clean, const Policy& policy);

// Shapes that no clean text has, in ASCII: ddd-dd-dddd, and name@host.tld.
size_t CountHardShapes(std::string_view text, const Policy& policy);

}  // namespace freshet::deid
