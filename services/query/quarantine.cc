#include "services/query/quarantine.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "services/query/endpoints.h"
#include "services/query/lineage.h"

namespace freshet::query {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kRiskSteps = 1000;  // finer than any estimate, and the same before and after it was stored

constexpr std::string_view kReviewerGroup = "freshet-reviewers";

std::string Dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json JsonOf(const HeldDocument& held) {
  Json json = {{"document_id", held.document.document.value},
               {"collection", held.document.collection.value},
               {"source", held.document.source.value},
               {"version", held.version.ToString()},
               {"state", held.released_by.empty() ? "held" : "released"},
               {"reason", held.reason},
               {"releasable", held.releasable},
               {"risk", std::round(held.risk * kRiskSteps) / kRiskSteps},
               {"policy", held.policy},
               {"since", FormatTime(held.since)}};
  if (held.released_by.empty()) return json;
  json["released_by"] = held.released_by;
  json["released_at"] = FormatTime(held.released_at);
  return json;
}

Json JsonOf(const HeldDecision& one) {
  return {{"start", one.start},
          {"end", one.end},
          {"type", one.type},
          {"score", one.score},
          {"action", one.action},
          {"detector", one.detector},
          {"replacement", one.replacement},
          {"why", one.why}};
}

// What an act is about, for the audit.
std::string SubjectOf(const HeldDocument& held) {
  return held.document.source.value + " " + held.document.collection.value + " " + held.version.ToString();
}

// {"collection": C} or {"collection": C, "version": V}.
struct Act {
  CollectionName collection;
  Version version;
};
Result<Act> ActOf(std::string_view body, bool with_version) {
  const Json request = Json::parse(body, nullptr, false);
  const Status wrong(Code::kInvalidArgument,
                     with_version ? "the body must be {\"collection\", \"version\"}, as GET /v1/quarantine shows them"
                                  : "the body must be {\"collection\"}, as GET /v1/quarantine shows it");
  const auto is_text = [&](const char* key) { return request.contains(key) && request[key].is_string(); };
  if (!request.is_object() || request.size() != (with_version ? 2u : 1u) || !is_text("collection")) return wrong;
  Act act{.collection = CollectionName(request["collection"].get<std::string>())};
  if (!with_version) return act;
  if (!is_text("version")) return wrong;
  FRESHET_ASSIGN_OR_RETURN(act.version, Version::Parse(request["version"].get<std::string>()));
  return act;
}

}  // namespace

bool IsReviewer(const Caller& caller) {
  return std::find(caller.groups.begin(), caller.groups.end(), kReviewerGroup) != caller.groups.end();
}

Status Endpoints::CheckReviewer(const Caller& caller) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(caller));
  if (!IsReviewer(caller)) return Status(Code::kPermissionDenied, "only reviewers look into quarantine");
  if (!parts_.quarantine.list) return Status(Code::kUnavailable, "this process does not de-identify");
  return OkStatus();
}

Result<Answer> Endpoints::Quarantine(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  if (!IsOperator(call.caller)) FRESHET_RETURN_IF_ERROR(CheckReviewer(call.caller));
  if (!parts_.quarantine.list) return Status(Code::kUnavailable, "this process does not de-identify");
  Json rows = Json::array();
  for (const HeldDocument& held : parts_.quarantine.list()) rows.push_back(JsonOf(held));
  return Answer{.json = Dumped({{"documents", rows}})};
}

Result<HeldDocument> Endpoints::HeldAs(const CollectionName& collection, const DocumentId& document) const {
  for (HeldDocument& held : parts_.quarantine.list()) {
    if (held.document.collection == collection && held.document.document == document) return std::move(held);
  }
  return Status(Code::kNotFound, "no document of this id is in quarantine");
}

Result<Answer> Endpoints::ShowHeld(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckReviewer(call.caller));
  if (call.collection.empty()) return Status(Code::kInvalidArgument, "the parameter \"collection\" is missing");
  FRESHET_ASSIGN_OR_RETURN(const ShownDocument shown,
                           parts_.quarantine.show(CollectionName(call.collection), DocumentId(call.subject)));
  Json json = JsonOf(shown.held);
  json["text"] = shown.text;
  json["decisions"] = Json::array();
  for (const HeldDecision& one : shown.decisions) json["decisions"].push_back(JsonOf(one));
  return Answer{.json = Dumped(json), .documents = {call.subject}, .subject = SubjectOf(shown.held)};
}

Result<Answer> Endpoints::ReleaseHeld(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckReviewer(call.caller));
  FRESHET_ASSIGN_OR_RETURN(const Act act, ActOf(call.body, true));
  FRESHET_ASSIGN_OR_RETURN(const HeldDocument held, HeldAs(act.collection, DocumentId(call.subject)));
  FRESHET_ASSIGN_OR_RETURN(const HeldDocument released,
                           parts_.quarantine.release(held.document, act.version, call.caller.user));
  return Answer{.json = Dumped(JsonOf(released)), .documents = {call.subject}, .subject = SubjectOf(released)};
}

Result<Answer> Endpoints::RerunHeld(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckReviewer(call.caller));
  FRESHET_ASSIGN_OR_RETURN(const Act act, ActOf(call.body, false));
  FRESHET_ASSIGN_OR_RETURN(const HeldDocument held, HeldAs(act.collection, DocumentId(call.subject)));
  FRESHET_ASSIGN_OR_RETURN(const HeldDocument again, parts_.quarantine.rerun(held.document));
  return Answer{.json = Dumped(JsonOf(again)), .documents = {call.subject}, .subject = SubjectOf(again)};
}

}  // namespace freshet::query
