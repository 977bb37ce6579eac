#include "connectors/fhir/options.h"

#include <algorithm>

#include "connectors/fhir/assertion.h"
#include "connectors/fhir/url.h"

namespace freshet::fhir {
namespace {

Status Wrong(const char* what) { return Status(Code::kConfiguration, what); }

bool ArePrincipals(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.starts_with("user:") || name.starts_with("group:"); });
}

bool IsTypeName(const std::string& name) {
  return !name.empty() && name[0] >= 'A' && name[0] <= 'Z' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x80 && std::isalpha(c) != 0; });
}

bool FitsIntoAHeader(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Status ValidateSmart(const FhirOptions& options) {
  const SmartOptions& smart = *options.smart;
  if (!options.token.empty()) return Wrong("token, smart: give one of them");
  if (options.url.empty()) return Wrong("smart: needs url");
  const bool https = options.url.starts_with("https://") && !smart.token_url.starts_with("https://");
  if (!smart.token_url.empty() && (https || !Url::Parse(smart.token_url).ok())) {
    return Wrong("smart.token_url: must be https://...");
  }
  return ClientKey::Read(smart.key).status();
}

}  // namespace

bool FhirOptions::Reads(std::string_view type) const {
  return std::find(types.begin(), types.end(), type) != types.end();
}

Status Validate(const FhirOptions& options) {
  if (options.url.empty() == options.folder.empty()) return Wrong("url, folder: give one of them");
  if (!options.url.empty() && !Url::Parse(options.url).ok()) return Wrong("url: must be http://... or https://...");
  if (options.types.empty() || !std::all_of(options.types.begin(), options.types.end(), IsTypeName)) {
    return Wrong("types: names of resource types, as DocumentReference");
  }
  if (!ArePrincipals(options.readers)) return Wrong("readers: a name begins with user: or group:");
  for (const auto& [label, readers] : options.restricted) {
    if (label.empty() || label.find_first_of("+!/") != label.npos) return Wrong("restricted: a label is a code");
    if (!ArePrincipals(readers)) return Wrong("restricted: a name begins with user: or group:");
  }
  if (!FitsIntoAHeader(options.token)) return Wrong("token: has characters that no header may hold");
  if (options.smart) FRESHET_RETURN_IF_ERROR(ValidateSmart(options));
  if (options.listen && options.listen_token.empty()) return Wrong("listen: needs listen_token");
  if (options.listen && options.url.empty()) return Wrong("listen: needs url");
  return OkStatus();
}

Hash128 FingerprintOf(const FhirOptions& options) {
  std::string text;
  AppendText(text, options.url);
  for (const std::string& type : options.types) AppendText(text, type);
  for (const auto& [label, readers] : options.restricted) AppendText(text, label);
  text += options.all_observations ? 'a' : 'w';
  return HashOf(text);
}

}  // namespace freshet::fhir
