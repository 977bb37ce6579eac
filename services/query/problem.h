// Problem details (RFC 9457): how the HTTP API says that a request did not succeed.
#pragma once

#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet::query {

inline constexpr const char* kProblemContentType = "application/problem+json";

// The HTTP status of a code.
int HttpStatusOf(Code code);

// {"type": "urn:freshet:problem:invalid_argument", "title", "status", "code", "detail", "trace_id"}.
std::string ProblemJson(const Status& status, std::string_view trace_id);

}  // namespace freshet::query
