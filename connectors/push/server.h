// PushServer: takes events over HTTP and answers once they are durable.
//
//   PushServer server(options, {.clock = clock, .deliver = [&](std::vector<ChangeEvent> events, size_t bytes) {...}});
//   FRESHET_ASSIGN_OR_RETURN(int port, server.Start());
//
//   answer                      when
//   202 {"accepted": n}         all events of the request are durable; those known already are not counted
//   400 invalid_argument        not a CloudEvent that is taken here: nothing of the request was published
//   401 unauthenticated         no token, or none of those known
//   404 not_found, 405          another path; another method than POST
//   413 document_too_large      over max_body
//   415 unsupported_media_type  another form, or a patch
//   503 backpressure, timeout   not durable now: send it again, not before Retry-After
//
// Errors are application/problem+json (RFC 9457). GET /healthz answers 200. The events of a request are published
// together, in their order. An event is known again by (source, id) among the last 65,536. Threads of its own; Start
// and Stop: one.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "connectors/push/options.h"
#include "schemas/change.h"

namespace freshet::push {

struct PushParts {
  const Clock* clock = nullptr;
  // Ok once they are durable. Any thread.
  std::function<Status(std::vector<ChangeEvent> events, size_t bytes)> deliver;
};

class PushServer {
 public:
  PushServer(const PushOptions& options, PushParts parts);
  ~PushServer();

  // The port. unavailable: the address is taken, or not this machine's. configuration: no token, TLS that cannot be.
  Result<int> Start();
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet::push
