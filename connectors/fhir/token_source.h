// TokenSource: the bearer token for a FHIR server: the one of the options, or one that an authorization server gives
// for a signed assertion (SMART Backend Services: OAuth 2 client_credentials with RFC 7523).
//
//   TokenSource tokens(options);
//   FRESHET_ASSIGN_OR_RETURN(const std::string token, tokens.Get(breaker));   // "": none is needed
//   if (status == 401 && tokens.Refuse(token, breaker)) ...                   // ask again, with a new one
//
// A token is kept until shortly before it expires. Where no token_url is given, the server's
// `.well-known/smart-configuration` says it; a server over https gets its token over https alone. Where either asks for
// patience (Retry-After with 429, 503 or the like) nothing is asked again before.
//
// Codes: permission_denied (it refuses; the message has OAuth's own word for why), configuration (the key, the
// address), unavailable (also: the breaker was used), timeout. Any thread: one asks, the others wait for what it gets;
// a breaker ends the asking and the waiting of those who came with it, and of no others. The options outlive this.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "connectors/fhir/assertion.h"
#include "connectors/fhir/breaker.h"
#include "connectors/fhir/options.h"
#include "connectors/fhir/url.h"

namespace freshet::fhir {

class TokenSource {
 public:
  explicit TokenSource(const FhirOptions& options) : options_(options) {}

  Result<std::string> Get(Breaker& breaker);
  // The server does not take this token. False: another one will not help.
  bool Refuse(const std::string& token, const Breaker& breaker);

 private:
  using Steady = std::chrono::steady_clock;
  struct Reply;

  // Not owned: the breaker was used.
  std::unique_lock<std::timed_mutex> Lock(const Breaker& breaker);
  Status Ask(Breaker& breaker);
  Status Take(const Reply& reply);
  // ok: the answer is one that counts, also a refusal.
  Status CheckPassing(const Reply& reply, const char* who);
  Result<Url> TokenUrl(Breaker& breaker);
  Result<std::string> ToldUrl(const Url& base, Breaker& breaker);
  Result<Reply> Exchange(const Url& url, const std::string* form, Breaker& breaker);

  const FhirOptions& options_;
  std::timed_mutex mutex_;  // of what follows, also while one asks
  std::optional<ClientKey> key_;
  std::string token_;
  Steady::time_point good_until_{}, not_before_{};
};

}  // namespace freshet::fhir
