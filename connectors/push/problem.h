// What a sender is told of a request that was not taken: application/problem+json (RFC 9457), with the headers that its
// status asks for.
//
//   WriteProblem(Status(Code::kBackpressure, "..."), {.retry_after = 1s}, response);    // 503, Retry-After: 1
//
// Pure: any thread.
#pragma once

#include "common/base/clock.h"
#include "common/base/status.h"

namespace httplib {
struct Response;
}

namespace freshet::push {

struct ProblemOptions {
  int http = 0;  // 0: what fits the code
  Duration retry_after{0};
};
void WriteProblem(const Status& status, const ProblemOptions& options, httplib::Response& response);

}  // namespace freshet::push
