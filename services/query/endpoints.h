// Endpoints: what each route of the HTTP API does for a caller who is known, without HTTP; and the table of routes.
//
//   const Endpoints endpoints(parts);
//   Result<Answer> answer = endpoints.Search({.caller = ada, .trace_id = id, .body = R"({"query": "falls"})"});
//   for (const Route& route : kRoutes) ...          // services/query/openapi.json describes the very same ones
//
// A caller of another tenant is refused everywhere (permission_denied). Any number of threads.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/telemetry/trace.h"
#include "services/query/server.h"

namespace freshet::query {

// One request of a known caller.
struct Call {
  const Caller& caller;
  std::string trace_id;
  std::string_view body;
  std::string subject;     // the variable part of the path, decoded
  std::string collection;  // the parameter of this name, empty where absent
  std::string_view action;
  std::map<std::string, std::string> parameters;
};

struct Answer {
  std::string json;
  std::vector<std::string> documents;  // ids shown, for the audit
  std::string subject;                 // what was acted on, for the audit
  std::vector<TraceContext> changes;   // that made what was shown, for the trace
};

class Endpoints {
 public:
  explicit Endpoints(const ServerParts& parts) : parts_(parts) {}

  Result<Answer> Search(const Call& call) const;
  Result<Answer> Freshness(const Call& call) const;
  Result<Answer> History(const Call& call) const;
  Result<Answer> Lineage(const Call& call) const;
  Result<Answer> Sources(const Call& call) const;
  Result<Answer> Confirm(const Call& call) const;
  // What services/repair does; operators only.
  Result<Answer> Repair(const Call& call) const;
  // quarantine.cc
  Result<Answer> Quarantine(const Call& call) const;
  Result<Answer> ShowHeld(const Call& call) const;
  Result<Answer> ReleaseHeld(const Call& call) const;
  Result<Answer> RerunHeld(const Call& call) const;
  // citation.cc
  Result<Answer> Citation(const Call& call) const;
  Result<Answer> OpenApi(const Call& call) const;

  // {"status": "ready" | "not ready", "reasons": ["code: sentence"]}
  static std::string ReadinessJson(const std::vector<std::string>& reasons);

 private:
  Status CheckTenant(const Caller& caller) const;
  Status CheckReviewer(const Caller& caller) const;
  Result<HeldDocument> HeldAs(const CollectionName& collection, const DocumentId& document) const;
  std::vector<store::HeldDeletes> HeldOf(const SourceName& source) const;

  const ServerParts& parts_;
};

struct Route {
  std::string_view method;
  std::string_view path;                                           // as OpenAPI writes it
  std::string_view action;                                         // in the audit and in metrics
  Result<Answer> (Endpoints::*work)(const Call&) const = nullptr;  // null: open to all, answered by the server
};

inline constexpr std::array<Route, 27> kRoutes = {{
    {"POST", "/v1/search", "search", &Endpoints::Search},
    {"GET", "/v1/freshness", "freshness", &Endpoints::Freshness},
    {"GET", "/v1/freshness/history", "freshness", &Endpoints::History},
    {"GET", "/v1/documents/{id}/lineage", "lineage", &Endpoints::Lineage},
    {"GET", "/v1/sources", "sources", &Endpoints::Sources},
    {"POST", "/v1/sources/{name}/confirm", "confirm", &Endpoints::Confirm},
    {"POST", "/v1/sources/{name}/pause", "pause", &Endpoints::Repair},
    {"POST", "/v1/sources/{name}/resume", "resume", &Endpoints::Repair},
    {"POST", "/v1/sources/{name}/backfill", "backfill", &Endpoints::Repair},
    {"POST", "/v1/sources/{name}/reconcile", "reconcile", &Endpoints::Repair},
    {"GET", "/v1/dead-letters", "dead_letters", &Endpoints::Repair},
    {"POST", "/v1/dead-letters/replay", "replay", &Endpoints::Repair},
    {"POST", "/v1/dead-letters/drop", "drop", &Endpoints::Repair},
    {"GET", "/v1/documents/{id}/receipt", "receipt", &Endpoints::Repair},
    {"GET", "/v1/documents/{id}/citation", "citation", &Endpoints::Citation},
    {"GET", "/v1/generations", "generations", &Endpoints::Repair},
    {"POST", "/v1/generations/{name}/promote", "promote", &Endpoints::Repair},
    {"POST", "/v1/generations/{name}/rollback", "rollback", &Endpoints::Repair},
    {"POST", "/v1/generations/{name}/drop", "drop_generation", &Endpoints::Repair},
    {"GET", "/v1/quarantine", "quarantine", &Endpoints::Quarantine},
    {"GET", "/v1/quarantine/{id}", "quarantine_show", &Endpoints::ShowHeld},
    {"POST", "/v1/quarantine/{id}/release", "quarantine_release", &Endpoints::ReleaseHeld},
    {"POST", "/v1/quarantine/{id}/rerun", "quarantine_rerun", &Endpoints::RerunHeld},
    {"GET", "/openapi.json", "openapi", &Endpoints::OpenApi},
    {"GET", "/metrics", "metrics"},
    {"GET", "/healthz", "health"},
    {"GET", "/readyz", "ready"},
}};

}  // namespace freshet::query
