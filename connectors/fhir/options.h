// FhirOptions: what a source of `connector: fhir` may set. A plain value.
//
//   Result<FhirOptions> options = ParseOptions<FhirOptions>(node);
//   FRESHET_RETURN_IF_ERROR(Validate(*options));
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/config/host_port.h"
#include "common/config/options.h"

namespace freshet::fhir {

// How changes are asked for.
enum class Changes : uint8_t {
  kHistory,      // [base]/_history
  kTypeHistory,  // [base]/<type>/_history, one type after the other
  kSearch,       // [base]/<type>?_lastUpdated=ge...: tells no deletes
  kExport,       // [base]/$export?_since=...
};
// How everything is listed.
enum class Lists : uint8_t {
  kSearch,  // [base]/<type>
  kExport,  // [base]/$export
};

// SMART Backend Services: tokens from an authorization server, for an assertion that a key of our own signs.
struct SmartOptions {
  std::string client_id;
  std::string key;
  std::string key_id;
  std::string token_url;
  std::string scope = "system/*.read";
};

struct FhirOptions {
  std::string url;
  std::filesystem::path folder;
  std::vector<std::string> types = {
      "Patient", "RelatedPerson", "DocumentReference", "DiagnosticReport", "Composition", "Observation", "Consent"};
  Changes changes = Changes::kHistory;
  Lists list = Lists::kSearch;
  Duration every = std::chrono::seconds(5);
  Duration list_every = Duration(0);
  Duration settle = std::chrono::seconds(2);
  std::vector<std::string> readers;
  std::map<std::string, std::vector<std::string>> restricted;
  bool all_observations = false;
  std::string token;
  std::optional<SmartOptions> smart;
  std::filesystem::path tls_ca;
  std::string export_path = "$export";
  uint32_t page = 100;
  ByteSize max_resource{12ull << 20};
  Duration timeout = std::chrono::seconds(30);
  std::optional<HostPort> listen;
  std::string listen_token;

  bool Reads(std::string_view type) const;
};

// configuration: what no table of fields can say.
Status Validate(const FhirOptions& options);
// What decides which events the same resources make.
Hash128 FingerprintOf(const FhirOptions& options);

}  // namespace freshet::fhir

namespace freshet {

template <>
struct EnumTable<fhir::Changes> {
  static constexpr std::array names = {
      EnumName{"history", fhir::Changes::kHistory}, EnumName{"type_history", fhir::Changes::kTypeHistory},
      EnumName{"search", fhir::Changes::kSearch}, EnumName{"export", fhir::Changes::kExport}};
};
template <>
struct EnumTable<fhir::Lists> {
  static constexpr std::array names = {EnumName{"search", fhir::Lists::kSearch},
                                       EnumName{"export", fhir::Lists::kExport}};
};

template <>
struct OptionTable<fhir::SmartOptions> {
  using O = fhir::SmartOptions;
  static constexpr auto fields = std::tuple{
      Field("client_id", &O::client_id, "The id that the authorization server knows this client by.").Required(),
      Field("key", &O::key, "PEM of the client's private key: RSA of 2048 bits or more (RS384), or P-384 (ES384).")
          .Required()
          .Secret(),
      Field("key_id", &O::key_id, "`kid` of the public key in the key set that the server has of this client.")
          .Required(),
      Field("token_url", &O::token_url,
            "Where tokens are given; empty: what the server's `.well-known/smart-configuration` says."),
      Field("scope", &O::scope, "What is asked for; `system/*.rs` of servers that know SMART 2 alone.")};
};

template <>
struct OptionTable<fhir::FhirOptions> {
  using O = fhir::FhirOptions;
  static constexpr auto fields = std::tuple{
      Field("url", &O::url, "The server's base, as `https://ehr.example.org/fhir/r4`. Or give `folder`."),
      Field("folder", &O::folder,
            "A directory of bundles (`*.json`) and of lines of resources (`*.ndjson`), as a bulk export leaves them."),
      Field("types", &O::types,
            "Types of resources that are read. Patient and RelatedPerson are who people are, Consent is what they "
            "agreed to, any other is a document."),
      Field("changes", &O::changes, "How changes are asked for; `search` tells no deletes, see `list_every`."),
      Field("list", &O::list, "How everything is listed: by a search of each type, or by bulk export."),
      Field("every", &O::every, "From one question for changes to the next. Less: fresher, and more load.")
          .Range(std::chrono::milliseconds(1), std::chrono::hours(24)),
      Field("list_every", &O::list_every,
            "How often everything is listed, so that deletes are found which nothing tells. 0: only when asked for.")
          .Range(Duration(0), std::chrono::hours(24 * 366)),
      Field("settle", &O::settle,
            "A change is there for all to see so long after its meta.lastUpdated at the latest. So long the source "
            "lags.")
          .Range(Duration(0), std::chrono::hours(1)),
      Field("readers", &O::readers, "Who may read the documents: `group:staff`, `user:ada`. Nobody where it is empty."),
      Field("restricted", &O::restricted,
            "Who may read documents with a security label, by its code (R, V, PSY, ...); of several labels who may "
            "read each."),
      Field("all_observations", &O::all_observations,
            "Also observations in which nobody wrote anything: measured values are documents too."),
      Field("token", &O::token, "Bearer token for the server. Or give `smart`.").Secret(),
      Field("smart", &O::smart,
            "Tokens by SMART Backend Services: from an authorization server, for a signed assertion."),
      Field("tls_ca", &O::tls_ca, "PEM file of authorities that the server's certificate is checked against."),
      Field("export_path", &O::export_path, "Bulk export's path below `url`, as `Group/7/$export`."),
      Field("page", &O::page, "Entries of a page that are asked for (`_count`).").Range(1, 10000),
      Field("max_resource", &O::max_resource,
            "A larger resource, and one that is larger with its attachments, is refused. Memory: a few times as much.")
          .Range(1_KiB, ByteSize{15ull << 20}),
      Field("timeout", &O::timeout, "The server says nothing for so long: the source begins anew.")
          .Range(std::chrono::milliseconds(10), std::chrono::hours(1)),
      Field("listen", &O::listen,
            "Address and port for the server's subscriptions (rest-hook): what is told here is asked for at once."),
      Field("listen_token", &O::listen_token, "Bearer token that the subscriptions send; needed with `listen`.")
          .Secret()};
};

}  // namespace freshet
