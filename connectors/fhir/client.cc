#include "connectors/fhir/client.h"

#include <httplib.h>

#include "connectors/fhir/http_time.h"

namespace freshet::fhir {
namespace {

Status StatusOf(int status) {
  const std::string text = "The server answers " + std::to_string(status);
  if (status == 404 || status == 410) return Status(Code::kNotFound, text);
  if (status == 401 || status == 403) return Status(Code::kPermissionDenied, text);
  if (status == 408 || status == 429 || status >= 500 || status < 400) return Status(Code::kUnavailable, text);
  return Status(Code::kInvalidArgument, text);
}

Status StatusOf(httplib::Error error) {
  const bool late = error == httplib::Error::Read || error == httplib::Error::ConnectionTimeout;
  return Status(late ? Code::kTimeout : Code::kUnavailable, "No answer of the server: " + httplib::to_string(error));
}

Answer AnswerOf(const httplib::Response& response) {
  const std::optional<Time> date = ReadHttpDate(response.get_header_value("Date"));
  return {.status = response.status,
          .type = response.get_header_value("Content-Type"),
          .location = response.get_header_value("Content-Location"),
          .progress = response.get_header_value("X-Progress"),
          .date = date,
          .retry_after = ReadRetryAfter(response.get_header_value("Retry-After"), date)};
}

}  // namespace

struct Client::Connection {
  Connection(std::string to, Breaker& by) : breaker(by), origin(std::move(to)), client(origin) {
    if (client.is_valid()) breaker.Watch(client);
  }
  ~Connection() { breaker.Forget(client); }
  Breaker& breaker;
  const std::string origin;
  httplib::Client client;
};

Client::Client(const FhirOptions& options, std::shared_ptr<TokenSource> tokens)
    : options_(options),
      base_([&] {
        Result<Url> base = Url::Parse(options.url);
        return base.ok() ? *base : Url();
      }()),
      tokens_(std::move(tokens)) {}

Client::~Client() = default;

Result<Client::Connection*> Client::ConnectionTo(const std::string& origin) {
  if (breaker_.broken()) return Status(Code::kUnavailable, "Cancelled");
  std::unique_ptr<Connection>& kept = origin == base_.origin ? own_ : other_;
  if (kept == nullptr || kept->origin != origin) {
    kept = std::make_unique<Connection>(origin, breaker_);
    if (!kept->client.is_valid()) {
      kept.reset();
      return Status(Code::kUnavailable, "An address that nothing can be asked of");
    }
    kept->client.set_keep_alive(true);
    kept->client.set_tcp_nodelay(true);
    kept->client.set_connection_timeout(options_.timeout);
    kept->client.set_read_timeout(options_.timeout);
    kept->client.set_write_timeout(options_.timeout);
    if (!options_.tls_ca.empty()) kept->client.set_ca_cert_path(options_.tls_ca.string());
  }
  return kept.get();
}

Result<Url> Client::ResolveHere(std::string_view reference) const {
  FRESHET_ASSIGN_OR_RETURN(Url url, base_.Resolve(reference));
  url.origin = base_.origin;
  return url;
}

Status Client::Get(const Request& request, Answer& answer, const Taker& take) {
  if (pause() > Duration(0)) return Status(Code::kUnavailable, "The server has asked for patience");
  if (!request.token || request.url.origin != base_.origin) return Try(request, "", answer, take);
  FRESHET_ASSIGN_OR_RETURN(std::string token, tokens_->Get(breaker_));
  Status tried = Try(request, token, answer, take);
  if (answer.status != 401 || !tokens_->Refuse(token, breaker_)) return tried;
  FRESHET_ASSIGN_OR_RETURN(token, tokens_->Get(breaker_));
  tried = Try(request, token, answer, take);
  if (answer.status == 401) (void)tokens_->Refuse(token, breaker_);
  return tried;
}

Status Client::Try(const Request& request, const std::string& token, Answer& answer, const Taker& take) {
  answer = Answer();
  FRESHET_ASSIGN_OR_RETURN(Connection* const connection, ConnectionTo(request.url.origin));
  httplib::Headers headers{{"Accept", request.accept}};
  if (request.asynchronous) headers.emplace("Prefer", "respond-async");
  if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);
  Status taken;
  bool good = false;
  const auto on_head = [&](const httplib::Response& response) {
    answer = AnswerOf(response);
    good = response.status >= 200 && response.status < 300;
    return true;
  };
  const auto on_body = [&](const char* data, size_t size) {
    if (good) taken = take(std::string_view(data, size));
    return taken.ok() && !breaker_.broken();
  };
  const httplib::Result result = connection->client.Get(request.url.path, headers, on_head, on_body);
  if (!taken.ok()) return taken;
  if (!result) return StatusOf(result.error());
  const bool patience = answer.status == 429 || answer.status == 503;
  if (patience && answer.retry_after) not_before_ = std::chrono::steady_clock::now() + *answer.retry_after;
  return good ? OkStatus() : StatusOf(answer.status);
}

Result<std::string> Client::GetText(const Request& request, Answer& answer, size_t most) {
  std::string text;
  FRESHET_RETURN_IF_ERROR(Get(request, answer, [&](std::string_view bytes) {
    if (text.size() + bytes.size() > most) return Status(Code::kDocumentTooLarge, "An answer over the limit");
    text += bytes;
    return OkStatus();
  }));
  return text;
}

void Client::Delete(const Url& url) {
  const auto connection = ConnectionTo(url.origin);
  if (!connection.ok() || url.origin != base_.origin) return;
  const Result<std::string> token = tokens_->Get(breaker_);
  if (!token.ok()) return;
  httplib::Headers headers;
  if (!token->empty()) headers.emplace("Authorization", "Bearer " + *token);
  (void)(*connection)->client.Delete(url.path, headers);
}

Duration Client::pause() const {
  const auto now = std::chrono::steady_clock::now();
  return now < not_before_ ? std::chrono::duration_cast<Duration>(not_before_ - now) : Duration(0);
}

}  // namespace freshet::fhir
