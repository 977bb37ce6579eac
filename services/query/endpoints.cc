#include "services/query/endpoints.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "services/query/lineage.h"
#include "services/query/openapi.h"

namespace freshet::query {

using Json = nlohmann::json;

// Of the best hits: a span stays small however many were asked for.
constexpr size_t kMostLinks = 16;

Status Endpoints::CheckTenant(const Caller& caller) const {
  if (caller.tenant == parts_.engine->options().tenant) return OkStatus();
  return Status(Code::kPermissionDenied, "this is another tenant's index");
}

Result<Answer> Endpoints::Search(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  FRESHET_ASSIGN_OR_RETURN(const SearchRequest request, ParseSearchRequest(call.body));
  FRESHET_ASSIGN_OR_RETURN(const SearchResponse response, parts_.engine->Search(call.caller, request, call.trace_id));
  if (response.hits.empty()) parts_.metrics->CounterOf<Metric::kQueryEmpty>("search").Add(1);
  Answer answer{.json = ToJson(response)};
  for (const SearchHit& hit : response.hits) {
    answer.documents.push_back(hit.document.value);
    if (answer.changes.size() == kMostLinks) continue;
    if (const auto change = TraceContext::Parse(hit.traceparent)) answer.changes.push_back(*change);
  }
  return answer;
}

Result<Answer> Endpoints::Freshness(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  return Answer{.json = ToJson(ReportFreshness(parts_.freshness))};
}

Result<Answer> Endpoints::History(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  return Answer{.json = HistoryJson(parts_.freshness)};
}

Result<Answer> Endpoints::Lineage(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  const DocumentId document(call.subject);
  const CollectionName collection(call.collection);
  if (collection.empty()) return Status(Code::kInvalidArgument, "the parameter \"collection\" is missing");
  FRESHET_ASSIGN_OR_RETURN(std::string json, LineageJson(*parts_.engine, call.caller, collection, document));
  return Answer{.json = std::move(json), .documents = {document.value}};
}

std::vector<store::HeldDeletes> Endpoints::HeldOf(const SourceName& source) const {
  if (parts_.freshness.store == nullptr) return {};
  std::vector<store::HeldDeletes> held = parts_.freshness.store->Held();
  std::erase_if(held, [&](const store::HeldDeletes& row) { return row.source != source; });
  return held;
}

Result<Answer> Endpoints::Sources(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  Json rows = Json::array();
  for (const SourceInfo& source : parts_.engine->options().sources) {
    Json held = Json::array();
    for (const store::HeldDeletes& row : HeldOf(source.name)) {
      held.push_back({{"snapshot", row.begin.ToString()}, {"documents", row.documents}});
    }
    rows.push_back({{"source", source.name.value}, {"collection", source.collection.value}, {"held", held}});
  }
  return Answer{.json = Json({{"sources", rows}}).dump(-1, ' ', false, Json::error_handler_t::replace)};
}

namespace {

// {"snapshot": "1:42"}: what the operator has looked at, so that no other snapshot is meant.
Result<Version> SnapshotOf(std::string_view body) {
  const Json request = Json::parse(body, nullptr, false);
  const Status wrong(Code::kInvalidArgument, "the body must be {\"snapshot\": version}, as GET /v1/sources shows it");
  if (!request.is_object() || request.size() != 1 || !request.contains("snapshot")) return wrong;
  if (!request["snapshot"].is_string()) return wrong;
  return Version::Parse(request["snapshot"].get<std::string>());
}

}  // namespace

Result<Answer> Endpoints::Confirm(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  if (!IsOperator(call.caller)) return Status(Code::kPermissionDenied, "only operators confirm deletes");
  const SourceName source(call.subject);
  const auto& sources = parts_.engine->options().sources;
  const bool known = std::any_of(sources.begin(), sources.end(), [&](const auto& row) { return row.name == source; });
  if (!known) return Status(Code::kNotFound, "no source has this name");
  if (!parts_.confirm_deletes) return Status(Code::kUnavailable, "this process publishes no changes");
  FRESHET_ASSIGN_OR_RETURN(const Version snapshot, SnapshotOf(call.body));
  const auto held = HeldOf(source);
  const auto meant = std::find_if(held.begin(), held.end(), [&](const auto& row) { return row.begin == snapshot; });
  if (meant == held.end()) return Status(Code::kNotFound, "no deletes of this snapshot are held");
  FRESHET_RETURN_IF_ERROR(parts_.confirm_deletes(*meant));
  const Json answer = {{"confirmed", true}, {"snapshot", snapshot.ToString()}, {"documents", meant->documents}};
  return Answer{.json = answer.dump(), .subject = source.value + " " + snapshot.ToString()};
}

Result<Answer> Endpoints::Repair(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  if (!IsOperator(call.caller)) return Status(Code::kPermissionDenied, "only operators repair");
  if (!parts_.repair)
    return Status(Code::kUnavailable, "this process repairs nothing: ask the one that runs the index");
  FRESHET_ASSIGN_OR_RETURN(RepairAnswer answer, parts_.repair({std::string(call.action), call.subject, call.parameters,
                                                               std::string(call.body), call.caller}));
  return Answer{.json = std::move(answer.json), .subject = std::move(answer.audit)};
}

Result<Answer> Endpoints::OpenApi(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  return Answer{.json = std::string(kOpenApi)};
}

std::string Endpoints::ReadinessJson(const std::vector<std::string>& reasons) {
  return nlohmann::json({{"status", reasons.empty() ? "ready" : "not ready"}, {"reasons", reasons}})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace freshet::query
