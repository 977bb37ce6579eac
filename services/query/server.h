// The HTTP face of the query service (API.md, HTTP): routes, callers, problems, audit.
//
//   Server server({.listen = "127.0.0.1:8080"}, parts);
//   Result<std::string> url = server.Start();     // "http://127.0.0.1:8080": listening when it returns
//   server.Stop();                                // answers what is under way, then closes
//
// /metrics, /healthz and /readyz need no token; everything else does (endpoints.h has the routes). Bodies over 1 MiB
// are refused. Each answer carries the trace id of its traceparent header, or a new one; a known caller's request whose
// trace is sampled is a span of it (common/telemetry/span.h). A call is answered only after
// its audit line is written. Codes of Start: configuration (not host:port, or the address is taken).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/telemetry/span.h"
#include "services/query/audit.h"
#include "services/query/citation.h"
#include "services/query/freshness.h"
#include "services/query/quarantine.h"

namespace freshet::query {

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";  // port 0: any free one
  size_t threads = 32;                    // connections served at once, idle ones that are kept alive among them
};

// A request of an operator to the site itself, beyond its index (services/repair): an action of endpoints.h's table.
struct RepairCall {
  std::string action;
  std::string subject;  // the variable part of the path
  std::map<std::string, std::string> parameters;
  std::string body;
  Caller caller;
};
struct RepairAnswer {
  std::string json;
  std::string audit;  // what was acted on
};

struct ServerParts {
  const QueryEngine* engine = nullptr;
  const Authenticator* callers = nullptr;
  AuditLog* audit = nullptr;
  MetricRegistry* metrics = nullptr;
  FreshnessSources freshness;
  // Why the service is not ready, as "code: sentence"; empty: it is.
  std::function<std::vector<std::string>()> unready;
  // Lets these held deletes through; empty where this process cannot.
  std::function<Status(const store::HeldDeletes&)> confirm_deletes;
  // Carries out what operators ask; empty where this process cannot.
  std::function<Result<RepairAnswer>(const RepairCall&)> repair;
  SpanSink* spans = nullptr;  // null: nobody collects traces
  double trace_sample = 0;    // the share of requests that begin a trace themselves
  QuarantineDesk quarantine;
  CitationDesk citations;
};

class Server {
 public:
  Server(ServerOptions options, ServerParts parts);
  ~Server();
  Result<std::string> Start();
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet::query
