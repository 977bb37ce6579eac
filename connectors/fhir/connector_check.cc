// Check, Fetch and List of FhirSource: what is asked of the server beside a run.
#include "connectors/fhir/connector.h"
#include "connectors/fhir/json.h"

namespace freshet::fhir {
namespace {

constexpr size_t kMostMetadata = 64u << 20;

}  // namespace

Status FhirSource::Check() {
  FRESHET_RETURN_IF_ERROR(Validate(options_));
  FRESHET_ASSIGN_OR_RETURN(const Url url, client_.base().Resolve("metadata"));
  Answer answer;
  const Result<std::string> text = client_.GetText({.url = url}, answer, kMostMetadata);
  if (text.code() == Code::kNotFound) return Status(Code::kConfiguration, "url: the server has no metadata there");
  FRESHET_RETURN_IF_ERROR(text.status());
  simdjson::dom::parser parser;
  Element metadata;
  const bool read = parser.parse(*text).get(metadata) == simdjson::SUCCESS;
  if (!read || !TextAt(metadata, "fhirVersion").starts_with("4.")) {
    return Status(Code::kConfiguration, "url: is no FHIR R4 server");
  }
  FhirOptions one = options_;
  one.page = 1;
  return FhirSource(std::move(one)).CheckRequests();
}

// The first of each request that a run makes. Exports are not begun.
Status FhirSource::CheckRequests() {
  const auto asked = [](const std::unique_ptr<Pages>& pages, const char* what) {
    const Status status = pages->Next().status();
    const bool none = status.code() == Code::kNotFound || status.code() == Code::kInvalidArgument;
    return none ? Status(Code::kConfiguration, what) : status;
  };
  since_ = SystemClock().Now();
  if (options_.changes != Changes::kExport) {
    FRESHET_RETURN_IF_ERROR(asked(Changes(), "changes: the server does not tell them so"));
  }
  if (options_.list == Lists::kExport) return OkStatus();
  for (const std::string& type : options_.types) {
    LinkedRules rules{.paths = {type}, .count = 1, .most_resource = options_.max_resource.bytes};
    const std::string what = "types: the server has no " + type;
    FRESHET_RETURN_IF_ERROR(asked(std::make_unique<LinkedPages>(client_, std::move(rules)), what.c_str()));
  }
  return OkStatus();
}

Result<Upsert> FhirSource::Fetch(const DocumentId& document) {
  const ResourceId id = ReadReference(document.value);
  if (id.empty()) return Status(Code::kNotFound, "No resource has this name");
  const SystemClock clock;
  Client client(options_, client_.tokens());
  return Reader(options_, client, {.clock = &clock}).ReadAlone(id);
}

Status FhirSource::List(const std::function<Status(const std::string& id)>& take) {
  Client client(options_, client_.tokens());
  LinkedRules rules{.paths = options_.types, .count = options_.page, .most_resource = options_.max_resource.bytes};
  rules.whole = true;
  LinkedPages pages(client, std::move(rules));
  Decoder decoder(options_, [](const std::string&, const std::string&, size_t) { return Result<std::string>(""); });
  for (bool last = false; !last;) {
    FRESHET_ASSIGN_OR_RETURN(Page page, pages.Next());
    last = page.last;
    for (Piece& piece : page.entries) {
      std::optional<Entry> entry = EntryOf(std::move(piece), Time());
      if (!entry) continue;
      FRESHET_ASSIGN_OR_RETURN(const DecodedEntry decoded, decoder.Decode(std::move(*entry), Told::kInListing));
      const bool shown =
          decoded.document && !decoded.changes.empty() && std::holds_alternative<Upsert>(decoded.changes.front());
      if (shown) FRESHET_RETURN_IF_ERROR(take(decoded.entry.id.ToString()));
    }
  }
  return OkStatus();
}

}  // namespace freshet::fhir
