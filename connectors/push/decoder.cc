#include "connectors/push/decoder.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "connectors/push/json_slices.h"

namespace freshet::push {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kAttributePrefix = "attr";

Status Invalid(std::string what) { return Status(Code::kInvalidArgument, std::move(what)); }

Result<Json> ReadObject(const CloudEvent& event) {
  if (!IsShallow(event.data)) return Invalid("data has more than 64 levels");
  Json json = Json::parse(event.data, nullptr, false);
  if (!json.is_object()) return Invalid("data is no JSON object");
  return json;
}

// A member as text; "" where it is not there.
Status ReadText(const Json& json, const char* name, std::string& out) {
  const auto at = json.find(name);
  if (at == json.end() || at->is_null()) return OkStatus();
  if (!at->is_string()) return Invalid(std::string(name) + " is not text");
  out = at->get<std::string>();
  return OkStatus();
}

Status ReadTexts(const Json& json, const char* name, std::vector<std::string>& out) {
  const auto at = json.find(name);
  if (at == json.end() || at->is_null()) return OkStatus();
  if (!at->is_array()) return Invalid(std::string(name) + " is not a list");
  for (const Json& one : *at) {
    if (!one.is_string()) return Invalid(std::string(name) + " holds something that is not text");
    out.push_back(one.get<std::string>());
  }
  return OkStatus();
}

// One end of a period; left as it is where it is not there. What cannot be read is refused: never without a limit.
Status ReadEdge(const Json& json, const char* name, Time& out) {
  const auto at = json.find(name);
  if (at == json.end()) return OkStatus();
  const Result<Time> time = at->is_string() ? ParseTime(at->get_ref<const std::string&>()) : Invalid("no text");
  if (!time.ok()) return Invalid(std::string(name) + " is not an RFC 3339 time or date");
  out = *time;
  return OkStatus();
}

// "user:ada", or {"principal": "user:ada", "from": "…", "until": "…"}.
Result<Listed> ReadListed(const Json& json) {
  if (json.is_string()) return Listed(Principal(json.get<std::string>()));
  for (const auto& [key, value] : json.items()) {
    if (key != "principal" && key != "from" && key != "until") return Invalid("has a member that is not known");
  }
  std::string principal;
  Period period;
  FRESHET_RETURN_IF_ERROR(ReadText(json, "principal", principal));
  FRESHET_RETURN_IF_ERROR(ReadEdge(json, "from", period.from));
  FRESHET_RETURN_IF_ERROR(ReadEdge(json, "until", period.until));
  if (period.until <= period.from) return Invalid("until is not after from");
  return Listed(Principal(std::move(principal)), period);
}

Status ReadListed(const Json& json, const char* name, std::vector<Listed>& out) {
  const auto at = json.find(name);
  if (at == json.end() || at->is_null()) return OkStatus();
  if (!at->is_array()) return Invalid(std::string(name) + " is not a list");
  for (const Json& one : *at) {
    if (!one.is_string() && !one.is_object()) return Invalid(std::string(name) + " holds neither text nor an object");
    Result<Listed> listed = ReadListed(one);
    if (!listed.ok()) return Invalid(std::string(name) + ": " + listed.status().message());
    const std::string& principal = listed->principal.value;
    if (!principal.starts_with("user:") && !principal.starts_with("group:")) {
      return Invalid(std::string(name) + " holds a name that begins with neither user: nor group:");
    }
    out.push_back(*std::move(listed));
  }
  return OkStatus();
}

Result<Change> UpsertOf(const CloudEvent& event) {
  const std::string type = EssenceOf(event.media_type);
  if (type.empty()) return Invalid("datacontenttype is missing");
  if (IsPatch(type)) {
    return Status(Code::kUnsupportedMediaType, "A patch is not taken: send the document whole, as it is now");
  }
  Upsert upsert{.content = event.data, .media_type = event.media_type, .native_id = event.subject};
  upsert.title = event.ExtensionOf("title");
  upsert.uri = event.ExtensionOf("uri");
  const std::string_view scope = event.ExtensionOf("scope");
  upsert.access_scope = ScopeId(scope.empty() ? std::string_view("/") : scope);
  std::istringstream patients{std::string(event.ExtensionOf("patients"))};
  for (std::string patient; patients >> patient;) upsert.patients.emplace_back(patient);
  for (const auto& [name, value] : event.extensions) {
    const bool attribute = name.starts_with(kAttributePrefix) && name.size() > kAttributePrefix.size();
    if (attribute) upsert.attributes.push_back({name.substr(kAttributePrefix.size()), {value}});
  }
  const std::string_view effective = event.ExtensionOf("effective");
  if (!effective.empty()) {
    const Result<Time> time = ParseTime(effective);
    if (!time.ok()) return Invalid("effective is not an RFC 3339 time or date");
    upsert.effective = *time;
  }
  return Change(std::move(upsert));
}

Result<Change> DeleteOf(const CloudEvent& event) {
  const std::string_view reason = event.ExtensionOf("reason");
  if (reason.empty() || reason == "deleted") return Change(Delete{});
  if (reason == "enteredinerror") return Change(Delete{.reason = Delete::Reason::kEnteredInError});
  if (reason == "retention") return Change(Delete{.reason = Delete::Reason::kRetention});
  return Invalid("reason is none of deleted, enteredinerror, retention");
}

Result<Change> AccessOf(const CloudEvent& event) {
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadObject(event));
  AccessChange change{.scope = ScopeId(event.subject)};
  FRESHET_RETURN_IF_ERROR(ReadListed(json, "allow", change.allow));
  FRESHET_RETURN_IF_ERROR(ReadListed(json, "deny", change.deny));
  return Change(std::move(change));
}

Result<Change> GroupOf(const CloudEvent& event) {
  if (!event.subject.starts_with("group:")) return Invalid("subject does not begin with group:");
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadObject(event));
  GroupChange change{.group = Principal(event.subject)};
  FRESHET_RETURN_IF_ERROR(ReadListed(json, "members", change.members));
  return Change(std::move(change));
}

// The objects of a list, each read by `read`.
template <class Read>
Status ReadObjects(const Json& json, const char* name, const Read& read) {
  const auto at = json.find(name);
  if (at == json.end() || at->is_null()) return OkStatus();
  if (!at->is_array()) return Invalid(std::string(name) + " is not a list");
  for (const Json& one : *at) {
    if (!one.is_object()) return Invalid(std::string(name) + " holds something that is no object");
    FRESHET_RETURN_IF_ERROR(read(one));
  }
  return OkStatus();
}

Result<HumanName> ReadName(const Json& json) {
  HumanName name;
  FRESHET_RETURN_IF_ERROR(ReadTexts(json, "given", name.given));
  FRESHET_RETURN_IF_ERROR(ReadText(json, "family", name.family));
  FRESHET_RETURN_IF_ERROR(ReadText(json, "prefix", name.prefix));
  FRESHET_RETURN_IF_ERROR(ReadText(json, "suffix", name.suffix));
  return name;
}

Result<Identifier> ReadIdentifier(const Json& json) {
  Identifier identifier;
  FRESHET_RETURN_IF_ERROR(ReadText(json, "kind", identifier.kind));
  FRESHET_RETURN_IF_ERROR(ReadText(json, "value", identifier.value));
  if (identifier.kind.empty() || identifier.value.empty()) return Invalid("identifiers: kind and value are required");
  return identifier;
}

Result<Change> PatientOf(const CloudEvent& event) {
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadObject(event));
  IdentityChange change{.patient = PatientId(event.subject)};
  const auto retracted = json.find("retracted");
  if (retracted != json.end() && !retracted->is_boolean()) return Invalid("retracted is neither true nor false");
  change.retracted = retracted != json.end() && retracted->get<bool>();
  std::string merged_into, unmerged_from;
  FRESHET_RETURN_IF_ERROR(ReadText(json, "identity", change.identity));
  FRESHET_RETURN_IF_ERROR(ReadText(json, "birth_date", change.birth_date));
  FRESHET_RETURN_IF_ERROR(ReadTexts(json, "addresses", change.addresses));
  FRESHET_RETURN_IF_ERROR(ReadTexts(json, "telecoms", change.telecoms));
  FRESHET_RETURN_IF_ERROR(ReadText(json, "merged_into", merged_into));
  FRESHET_RETURN_IF_ERROR(ReadText(json, "unmerged_from", unmerged_from));
  change.merged_into = PatientId(std::move(merged_into));
  change.unmerged_from = PatientId(std::move(unmerged_from));
  FRESHET_RETURN_IF_ERROR(ReadObjects(json, "names", [&](const Json& one) -> Status {
    FRESHET_ASSIGN_OR_RETURN(HumanName name, ReadName(one));
    change.names.push_back(std::move(name));
    return OkStatus();
  }));
  FRESHET_RETURN_IF_ERROR(ReadObjects(json, "identifiers", [&](const Json& one) -> Status {
    FRESHET_ASSIGN_OR_RETURN(Identifier identifier, ReadIdentifier(one));
    change.identifiers.push_back(std::move(identifier));
    return OkStatus();
  }));
  return Change(std::move(change));
}

constexpr std::pair<std::string_view, Result<Change> (*)(const CloudEvent&)> kTypes[] = {
    {"org.freshet.document.upserted.v1", &UpsertOf}, {"org.freshet.document.deleted.v1", &DeleteOf},
    {"org.freshet.access.changed.v1", &AccessOf},    {"org.freshet.group.changed.v1", &GroupOf},
    {"org.freshet.patient.changed.v1", &PatientOf},
};

Result<uint64_t> SequenceOf(const CloudEvent& event) {
  const std::string_view text = event.ExtensionOf("sequence");
  uint64_t sequence = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), sequence);
  const bool good = text.empty() || (error == std::errc() && rest == text.data() + text.size() && sequence > 0);
  return good ? Result<uint64_t>(sequence) : Invalid("sequence is not a whole number above 0");
}

}  // namespace

Result<ChangeEvent> DecodeEvent(const CloudEvent& event) {
  const auto row =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& one) { return one.first == event.type; });
  if (row == std::end(kTypes)) return Invalid("type is none that is taken here");
  FRESHET_ASSIGN_OR_RETURN(Change change, row->second(event));
  FRESHET_ASSIGN_OR_RETURN(const uint64_t sequence, SequenceOf(event));
  const Version version{1, static_cast<uint64_t>(ToMicros(event.time)), sequence};
  ChangeEvent decoded{.origin = {.version = version, .committed = event.time}, .change = std::move(change)};
  const bool of_document =
      std::holds_alternative<Upsert>(decoded.change) || std::holds_alternative<Delete>(decoded.change);
  if (of_document) decoded.origin.document = DocumentId(event.subject);
  return decoded;
}

}  // namespace freshet::push
