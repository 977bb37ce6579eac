// TokenSource: the bearer token for a FHIR server: the one of the options, or one that an authorization server gives
// for a signed assertion (SMART Backend Services: OAuth 2 client_credentials with RFC 7523).
//
//   TokenSource tokens(options);
//   FRESHET_ASSIGN_OR_RETURN(const std::string token, tokens.Get());   // "": none is needed
//   if (status == 401 && tokens.Refuse(token)) ...                     // ask again, with a new one
//
// A token is kept until shortly before it expires. Where no token_url is given, the server's
// `.well-known/smart-configuration` says it; a server over https gets its token over https alone. Where the
// authorization server asks for patience (429, 503 with Retry-After) it is not asked again before.
//
// Codes: permission_denied (it refuses; the message has OAuth's own word for why), configuration (the key, the
// address), unavailable, timeout. Any thread: one asks, the others wait for what it gets. The options outlive this.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "connectors/fhir/assertion.h"
#include "connectors/fhir/options.h"
#include "connectors/fhir/url.h"

namespace freshet::fhir {

class TokenSource {
 public:
  explicit TokenSource(const FhirOptions& options) : options_(options) {}

  Result<std::string> Get();
  // The server does not take this token. False: another one will not help.
  bool Refuse(const std::string& token);

 private:
  using Steady = std::chrono::steady_clock;
  struct Reply;

  Status Ask();
  Status Take(const Reply& reply);
  Result<Url> TokenUrl();
  Result<Reply> Exchange(const Url& url, const std::string* form);

  const FhirOptions& options_;
  std::mutex mutex_;  // of what follows, also while one asks
  std::optional<ClientKey> key_;
  std::string token_;
  Steady::time_point good_until_{}, not_before_{};
};

}  // namespace freshet::fhir
