#include "connectors/fhir/decoder.h"

#include <algorithm>

#include "connectors/fhir/labels.h"
#include "connectors/fhir/people.h"

namespace freshet::fhir {
namespace {

constexpr size_t kMostNesting = 64;

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool IsPerson(std::string_view type) { return type == "Patient" || type == "RelatedPerson"; }
bool IsNobodysDocument(std::string_view type) {
  return IsOneOf(type, {"Practitioner", "PractitionerRole", "Person", "Bundle"});
}

// Somebody wrote something.
bool HasWords(const Element& observation) {
  if (!TextAt(observation, "text", "div").empty() && TextAt(observation, "text", "status") != "empty") return true;
  if (!ListAt(observation, "note").empty() || !TextAt(observation, "valueString").empty()) return true;
  const std::vector<Element> parts = ListAt(observation, "component");
  return std::any_of(parts.begin(), parts.end(),
                     [](const Element& part) { return !TextAt(part, "valueString").empty(); });
}

std::string TitleOf(const Element& resource) {
  for (const char* const name : {"title", "description"}) {
    if (const std::string_view text = TextAt(resource, name); !text.empty()) return std::string(text);
  }
  for (const char* const name : {"type", "code"}) {
    if (const std::string_view text = WordsAt(resource, name); !text.empty()) return std::string(text);
  }
  return "";
}

Time EffectiveOf(const Element& resource) {
  const std::string_view texts[] = {TextAt(resource, "effectiveDateTime"), TextAt(resource, "effectivePeriod", "start"),
                                    TextAt(resource, "date"), TextAt(resource, "context", "period", "start"),
                                    TextAt(resource, "issued")};
  for (const std::string_view text : texts) {
    const Result<Time> time = ParseTime(text);
    if (time.ok()) return *time;
  }
  return Time();
}

// The patient that a resource is about; empty where it is about something else.
std::string PatientOf(const Element& resource) {
  for (const char* const name : {"subject", "patient", "beneficiary"}) {
    const std::string_view text = TextAt(resource, name, "reference");
    ResourceId id = ReadReference(text);
    // In a bundle of resources that have not been stored yet: the patient's id is that of its fullUrl.
    if (id.empty() && text.starts_with("urn:uuid:")) id = {"Patient", std::string(text.substr(9))};
    if (id.type == "Patient") return id.ToString();
  }
  return "";
}

std::vector<Label> LabelsOf(const Element& resource) {
  std::vector<Label> labels;
  const auto add = [&](const Element& coding) { labels.push_back({TextAt(coding, "system"), TextAt(coding, "code")}); };
  for (const Element coding : ListAt(resource, "meta", "security")) add(coding);
  for (const Element label : ListAt(resource, "securityLabel")) {
    for (const Element coding : ListAt(label, "coding")) add(coding);
  }
  const std::string_view own = TextAt(resource, "confidentiality");  // of a Composition
  if (!own.empty()) labels.push_back({"v3-Confidentiality", own});
  std::erase_if(labels, [](const Label& label) { return label.code.empty(); });
  return labels;
}

bool IsInError(const Element& resource) {
  const std::string_view status = TextAt(resource, "status");
  return status == "entered-in-error" || TextAt(resource, "docStatus") == "entered-in-error";
}

void AddConsent(const Element& consent, std::vector<Change>& changes) {
  const std::string patient = PatientOf(consent);
  const std::vector<Element> scopes = ListAt(consent, "scope", "coding");
  if (patient.empty() || scopes.empty()) return;
  const bool active = TextAt(consent, "status") == "active";
  const bool denied = TextAt(consent, "provision", "type") == "deny";
  const char* const what = active ? denied ? "deny" : "permit" : "none";
  changes.emplace_back(
      ConsentChange{.patient = PatientId(patient), .scope = std::string(TextAt(scopes.front(), "code")) + "=" + what});
}

Upsert UpsertOf(const Element& resource, const std::string& id, const FhirOptions& options) {
  Upsert upsert{.content = {}, .media_type = std::string(kMediaType), .title = TitleOf(resource)};
  upsert.native_id = id;
  upsert.access_scope = ScopeId(ScopeOf(LabelsOf(resource), options));
  upsert.effective = EffectiveOf(resource);
  const std::string patient = PatientOf(resource);
  if (!patient.empty()) upsert.patients.emplace_back(patient);
  upsert.attributes.push_back({"resource", {std::string(TextAt(resource, "resourceType"))}});
  for (const char* const name : {"type", "category"}) {
    const std::string_view words = WordsAt(resource, name);
    if (!words.empty()) upsert.attributes.push_back({name, {std::string(words)}});
  }
  return upsert;
}

// Nobody may read what cannot be looked at, as nobody knows its labels.
Upsert RefusedUpsert(const std::string& id, Code code) {
  return {.content = {},
          .media_type = std::string(kMediaType),
          .access_scope = ScopeId("/!"),
          .native_id = id,
          .refused = code};
}

}  // namespace

struct Decoder::Parser {
  simdjson::dom::parser json;

  Result<Element> Parse(const std::string& text) {
    Element root;
    if (json.allocate(std::max<size_t>(text.size(), 1), kMostNesting) != simdjson::SUCCESS) {
      return Status(Code::kMalformedDocument, "JSON that no parser takes");
    }
    const auto error = json.parse(text).get(root);
    if (error == simdjson::UTF8_ERROR) return Status(Code::kInvalidUtf8, "A resource that is no UTF-8");
    if (error != simdjson::SUCCESS || !root.is_object())
      return Status(Code::kMalformedDocument, "A resource that is no JSON");
    return root;
  }
};

Decoder::Decoder(const FhirOptions& options, decltype(AttachmentRules::read) read)
    : options_(options),
      rules_{.most_bytes = options.max_resource.bytes, .read = std::move(read)},
      parser_(std::make_unique<Parser>()) {}

Decoder::~Decoder() = default;

Status Decoder::AddDocument(DecodedEntry& to, Told told) {
  const std::string id = to.entry.id.ToString();
  Result<Element> root =
      to.entry.code == Code::kOk ? parser_->Parse(to.entry.resource) : Result<Element>(Status(to.entry.code, ""));
  if (root.ok() && IsInError(*root)) {
    to.changes.emplace_back(Delete{.reason = Delete::Reason::kEnteredInError});
    return OkStatus();
  }
  if (root.ok() && IsOneOf(TextAt(*root, "status"), {"superseded", "cancelled"})) {
    to.changes.emplace_back(Delete{});
    return OkStatus();
  }
  if (root.ok() && to.entry.id.type == "Observation" && !options_.all_observations && !HasWords(*root)) {
    if (told == Told::kAsChange && !to.entry.first) to.changes.emplace_back(Delete{});
    return OkStatus();
  }
  if (!root.ok()) {
    to.changes.emplace_back(RefusedUpsert(id, root.code()));
    return OkStatus();
  }
  Upsert upsert = UpsertOf(*root, id, options_);
  Result<std::string> whole = WithAttachments(std::move(to.entry.resource), rules_);
  if (whole.ok()) {
    upsert.content = std::move(*whole);
  } else if (DispositionOf(whole.code()) == Disposition::kSkip) {
    upsert.refused = whole.code();
  } else {
    return whole.status();
  }
  to.changes.emplace_back(std::move(upsert));
  return OkStatus();
}

Result<DecodedEntry> Decoder::Decode(Entry entry, Told told) {
  DecodedEntry decoded{.entry = std::move(entry), .changes = {}};
  const std::string& type = decoded.entry.id.type;
  if (!options_.Reads(type) || IsNobodysDocument(type)) return decoded;
  if (!IsPerson(type) && type != "Consent") {
    decoded.document = true;
    if (decoded.entry.deleted) {
      decoded.changes.emplace_back(Delete{});
    } else {
      FRESHET_RETURN_IF_ERROR(AddDocument(decoded, told));
    }
    decoded.entry.resource.clear();
    return decoded;
  }
  if (decoded.entry.deleted) {
    AddGone(decoded.entry, decoded.changes);
    return decoded;
  }
  const Result<Element> root = decoded.entry.code == Code::kOk ? parser_->Parse(decoded.entry.resource)
                                                               : Result<Element>(Status(decoded.entry.code, ""));
  decoded.entry.code = root.code();
  if (!root.ok()) return decoded;
  if (type == "Consent") {
    AddConsent(*root, decoded.changes);
  } else if (IsInError(*root)) {
    AddGone(decoded.entry, decoded.changes);
  } else {
    AddPeople(*root, decoded.entry, decoded.changes);
  }
  decoded.entry.resource.clear();
  return decoded;
}

Result<Upsert> Decoder::DecodeAlone(Entry entry) {
  FRESHET_ASSIGN_OR_RETURN(DecodedEntry decoded, Decode(std::move(entry), Told::kInListing));
  for (Change& change : decoded.changes) {
    if (auto* const upsert = std::get_if<Upsert>(&change); upsert != nullptr && decoded.document)
      return std::move(*upsert);
  }
  return Status(Code::kNotFound, "No document is made of this resource");
}

}  // namespace freshet::fhir
