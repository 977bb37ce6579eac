#include "services/probe/fhir_place.h"

#include <httplib.h>

#include <algorithm>

#include "connectors/fhir/url.h"
#include "services/probe/fhir_resource.h"

namespace freshet::probe {
namespace {

constexpr const char* kMediaType = "application/fhir+json";
constexpr Duration kPatience = std::chrono::seconds(30);
constexpr int kMostPages = 100;  // of what a search finds

// RFC 9110, 5.5: anything else might end the header and begin another.
bool FitsIntoAHeader(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Status Wrong(const std::string& what) { return Status(Code::kConfiguration, "a fhir place: " + what); }

Status StatusOf(const httplib::Result& answer) {
  if (!answer) return Status(Code::kUnavailable, "the server does not answer the prober");
  const int status = answer->status;
  const std::string message = "the server answers the prober with " + std::to_string(status);
  if (status >= 200 && status < 300) return OkStatus();
  if (status == 401) return Status(Code::kUnauthenticated, message);
  if (status == 403) return Status(Code::kPermissionDenied, message);
  if (status == 404 || status == 410) return Status(Code::kNotFound, message);
  if (status == 405 || status == 501) return Status(Code::kUnsupportedChange, message);
  if (status == 408 || status == 409 || status == 429 || status >= 500) return Status(Code::kUnavailable, message);
  return Status(Code::kConfiguration, message);
}

// Of a request for what every server has that allows this.
Status Supported(const Status& status) {
  return status.code() == Code::kNotFound ? Status(Code::kUnsupportedChange, status.message()) : status;
}

bool Holds(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

Status CheckReader(const std::string& label, const fhir::FhirOptions& source, const std::string& reader) {
  if (label.empty()) {
    return Holds(source.readers, reader) ? OkStatus()
                                         : Wrong(reader + " is not among the source's readers: give a label");
  }
  const auto row = source.restricted.find(label);
  const bool may = row != source.restricted.end() && Holds(row->second, reader);
  return may ? OkStatus() : Wrong("the source's restricted does not give " + reader + " the label");
}

// A sensitivity that the site lets nobody read.
Result<std::string> HidingLabel(const fhir::FhirOptions& source) {
  for (const char* const code : {"TBOO", "SSP", "LOCIS", "EMP"}) {
    if (!source.restricted.contains(code)) return std::string(code);
  }
  return Wrong("restricted lists all of TBOO, SSP, LOCIS and EMP: none is left to hide the document by");
}

}  // namespace

struct FhirPlace::Wire {
  explicit Wire(const fhir::Url& url) : base(url), client(url.origin) {}
  std::string At(const std::string& below) const { return base.path + "/" + below; }
  std::string Own(const std::string& id) const { return At(kProbeType + ("/" + id)); }
  const fhir::Url base;
  httplib::Client client;
};

Result<std::unique_ptr<FhirPlace>> FhirPlace::Make(const FhirPlaceOptions& options, const fhir::FhirOptions& source,
                                                   const std::string& reader) {
  const std::string& address = options.url.empty() ? source.url : options.url;
  if (address.empty()) return Wrong("the source reads a folder and no server");
  if (!source.Reads(kProbeType)) return Wrong("the source's types lack DocumentReference");
  if (!FitsIntoAHeader(options.token)) return Wrong("its token has characters that no header may hold");
  FRESHET_RETURN_IF_ERROR(CheckReader(options.label, source, reader));
  FRESHET_ASSIGN_OR_RETURN(std::string hiding, HidingLabel(source));
  const Result<fhir::Url> base = fhir::Url::Parse(address);
  if (!base.ok()) return Wrong("its url must be that of a server");
  auto wire = std::make_unique<Wire>(*base);
  if (!wire->client.is_valid()) return Wrong("its url must be that of a server");
  wire->client.set_keep_alive(true);
  wire->client.set_tcp_nodelay(true);
  wire->client.set_connection_timeout(kPatience);
  wire->client.set_read_timeout(kPatience);
  wire->client.set_write_timeout(kPatience);
  wire->client.set_default_headers({{"Accept", kMediaType}});
  if (!options.token.empty()) wire->client.set_bearer_token_auth(options.token);
  if (!source.tls_ca.empty()) wire->client.set_ca_cert_path(source.tls_ca.string());
  return std::unique_ptr<FhirPlace>(new FhirPlace(std::move(wire), options.label, std::move(hiding)));
}

FhirPlace::FhirPlace(std::unique_ptr<Wire> wire, std::string label, std::string hiding)
    : wire_(std::move(wire)), label_(std::move(label)), hiding_(std::move(hiding)) {}

FhirPlace::~FhirPlace() = default;

Status FhirPlace::Write(const std::string& text) {
  text_ = text;
  return Put();
}

Status FhirPlace::Permit(bool permitted) {
  permitted_ = permitted;
  return text_.empty() ? OkStatus() : Put();
}

// What the server allows, asked once. One that does not list its resources is tried.
Status FhirPlace::Learn() {
  if (learned_) return OkStatus();
  const httplib::Result answer = wire_->client.Get(wire_->At("metadata"));
  const Status status = StatusOf(answer);
  if (status.code() == Code::kNotFound) return Wrong("there is no FHIR server at its url");
  FRESHET_RETURN_IF_ERROR(status);
  FRESHET_ASSIGN_OR_RETURN(const FhirWriting writing, ReadCapability(answer->body));
  named_ = writing == FhirWriting::kByOurName;
  learned_ = true;
  return OkStatus();
}

Status FhirPlace::Put() {
  FRESHET_RETURN_IF_ERROR(Learn());
  const std::string id = named_ ? kProbeName : id_;
  const std::string body =
      ProbeResource({.id = id, .text = text_, .label = label_, .hiding = permitted_ ? std::string() : hiding_});
  const httplib::Result answer = id.empty() ? wire_->client.Post(wire_->At(kProbeType), body, kMediaType)
                                            : wire_->client.Put(wire_->Own(id), body, kMediaType);
  const Status status = StatusOf(answer);
  if (status.code() == Code::kNotFound && !id.empty() && !named_) {
    id_.clear();  // somebody has deleted it meanwhile
    return Put();
  }
  FRESHET_RETURN_IF_ERROR(Supported(status));
  if (!id.empty()) return OkStatus();
  id_ = IdInLocation(answer->get_header_value("Location"));
  return id_.empty() ? Wrong("the server does not say where it put the document") : OkStatus();
}

Status FhirPlace::Remove() {
  FRESHET_RETURN_IF_ERROR(Learn());
  const std::string id = named_ ? kProbeName : id_;
  FRESHET_RETURN_IF_ERROR(id.empty() ? RemoveFound() : Delete(id));
  text_.clear();
  id_.clear();
  return OkStatus();
}

Status FhirPlace::Delete(const std::string& id) {
  const Status removed = StatusOf(wire_->client.Delete(wire_->Own(id)));
  return removed.code() == Code::kNotFound ? OkStatus() : removed;
}

// Some servers answer with everything where they do not know a parameter: only ours is deleted, on whatever page it is.
Status FhirPlace::RemoveFound() {
  std::vector<std::string> ids;  // deleted once all have been found: that moves no page
  std::string path = wire_->At(kProbeSearch);
  for (int pages = 0;; ++pages) {
    if (pages == kMostPages)
      return Status(Code::kUnsupportedChange, "the server's search does not end: no identifiers?");
    const httplib::Result answer = wire_->client.Get(path, {{"Prefer", "handling=strict"}});
    FRESHET_RETURN_IF_ERROR(Supported(StatusOf(answer)));
    FRESHET_ASSIGN_OR_RETURN(const FoundOwn found, ReadFound(answer->body));
    ids.insert(ids.end(), found.ids.begin(), found.ids.end());
    if (found.next.empty()) break;
    FRESHET_ASSIGN_OR_RETURN(const fhir::Url next, wire_->base.Resolve(found.next));
    path = next.path;  // of this server, wherever it believes to stand
  }
  for (const std::string& id : ids) FRESHET_RETURN_IF_ERROR(Delete(id));
  return OkStatus();
}

}  // namespace freshet::probe
