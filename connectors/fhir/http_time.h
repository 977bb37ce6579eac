// Times as HTTP's headers have them.
//
//   ReadHttpDate("Sun, 06 Nov 1994 08:49:37 GMT")       // and the two older forms, which a reader must take
//   ReadRetryAfter("120", date);  ReadRetryAfter("Sun, 06 Nov 1994 08:51:37 GMT", date)      // two minutes
//
// RFC 9110, 5.6.7 (dates) and 10.2.3 (Retry-After). Nothing where a text is none. Pure functions: any thread.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.h"

namespace freshet::fhir {

std::optional<Time> ReadHttpDate(const std::string& text);
// From the answer's own date on, so that the server's clock counts; without one from now on by ours. At most an hour.
std::optional<Duration> ReadRetryAfter(const std::string& text, std::optional<Time> answered);

}  // namespace freshet::fhir
