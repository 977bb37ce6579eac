// Client: requests to one FHIR server.
//
//   Client client(options);
//   Answer answer;
//   FRESHET_RETURN_IF_ERROR(client.Get({.url = url, .accept = "application/fhir+json"}, answer,
//                                      [&](std::string_view bytes) { return splitter.Push(bytes); }));
//
// The token (token_source.h) goes to the server's own origin only, whatever a link says; one that the server answers
// with 401 is given up, where another may be had, and the question asked once more. Redirects are not followed. Where
// the server asks for patience (429, 503 with Retry-After) it is not asked again before: pause() says how long.
//
// Codes: unavailable (no answer, 408, 429, 5xx, a redirect), timeout, not_found (404, 410), permission_denied (401,
// 403; and those of TokenSource), invalid_argument (any other 4xx); what the taker says ends the request with that.
// Messages have the status, no url. One thread; Cancel, Go: any.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "connectors/fhir/breaker.h"
#include "connectors/fhir/options.h"
#include "connectors/fhir/token_source.h"
#include "connectors/fhir/url.h"

namespace freshet::fhir {

struct Request {
  Url url;
  std::string accept = "application/fhir+json";
  bool asynchronous = false;  // Prefer: respond-async
  bool token = true;          // where the url is the server's own
};

struct Answer {
  int status = 0;
  std::string type;                     // Content-Type
  std::string location;                 // Content-Location
  std::string progress;                 // X-Progress
  std::optional<Time> date;             // by the server's clock, whole seconds
  std::optional<Duration> retry_after;  // from then on
};

class Client {
 public:
  // Takes bytes of a body with status 2xx.
  using Taker = std::function<Status(std::string_view bytes)>;

  explicit Client(const FhirOptions& options) : Client(options, std::make_shared<TokenSource>(options)) {}
  // To the same server, with the tokens of another client.
  Client(const FhirOptions& options, std::shared_ptr<TokenSource> tokens);
  ~Client();

  // An address as the server or a resource gives it.
  Result<Url> Resolve(std::string_view reference) const { return base_.Resolve(reference); }
  // The same, but at the server's own origin: a server behind another one may give links to where it thinks it stands.
  Result<Url> ResolveHere(std::string_view reference) const;
  const Url& base() const { return base_; }
  const FhirOptions& options() const { return options_; }
  const std::shared_ptr<TokenSource>& tokens() const { return tokens_; }

  Status Get(const Request& request, Answer& answer, const Taker& take);
  // A body of at most so many bytes. document_too_large.
  Result<std::string> GetText(const Request& request, Answer& answer, size_t most);
  // Tells the server that something is needed no more; nothing depends on it.
  void Delete(const Url& url);
  Duration pause() const;
  // What is under way ends at once, and so does what follows until Go: also the wait for a token, whoever asks for it.
  // Only the look-up of a host's name is not ended (breaker.h).
  void Cancel() { breaker_.Break(); }
  void Go() { breaker_.Mend(); }

 private:
  struct Connection;
  Result<Connection*> ConnectionTo(const std::string& origin);
  Status Try(const Request& request, const std::string& token, Answer& answer, const Taker& take);

  const FhirOptions& options_;
  const Url base_;
  const std::shared_ptr<TokenSource> tokens_;
  Breaker breaker_;                          // goes after what it watches
  std::unique_ptr<Connection> own_, other_;  // to the server, and to where its exports lie
  std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace freshet::fhir
