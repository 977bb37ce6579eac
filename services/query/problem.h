// Problem details (RFC 9457): how the HTTP API says that a request did not succeed.
//
//   response.status = HttpStatusOf(status.code());
//   response.set_content(ProblemJson(status, trace_id), kProblemContentType);
//
// Stateless: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet::query {

inline constexpr const char* kProblemContentType = "application/problem+json";

// The HTTP status of a code.
int HttpStatusOf(Code code);

// {"type": "urn:freshet:problem:invalid_argument", "title", "status", "code", "detail", "trace_id"}. `http_status`:
// where it is not that of the code, as with what HTTP itself refuses.
std::string ProblemJson(const Status& status, std::string_view trace_id, std::optional<int> http_status = {});

}  // namespace freshet::query
