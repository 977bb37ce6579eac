// HL7's times (HL7 v2.5.1, 2.A.22): YYYY[MM[DD[HH[MM[SS[.S...]]]]]][+-ZZZZ].
//
//   ParseTimestamp("20260131093000.25-0500")     // 1769869800250000
//
// As microseconds since 1970, a time without an offset as UTC. Codes: invalid_argument. A pure function: any thread.
#pragma once

#include <string_view>

#include "common/base/status.h"

namespace freshet::hl7 {

Result<int64_t> ParseTimestamp(std::string_view text);

}  // namespace freshet::hl7
