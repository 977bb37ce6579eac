#include "connectors/fhir/token_source.h"

#include <httplib.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "connectors/fhir/http_time.h"

namespace freshet::fhir {
namespace {

using Json = nlohmann::json;

constexpr auto kMargin = std::chrono::seconds(30);     // a token is given up so long before its end
constexpr auto kUntold = std::chrono::seconds(300);    // what SMART has a token live, where the answer does not say
constexpr auto kLongest = std::chrono::hours(24);      // of a life, whatever the answer says
constexpr auto kLook = std::chrono::milliseconds(50);  // at the breaker, while somebody else asks
constexpr size_t kMostAnswer = 1u << 20;
constexpr const char* kAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string RandomId() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return "";
  return ToBase64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string TextIn(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// RFC 6749, 5.2: only these words are repeated, as anything else may say anything.
std::string WhyRefused(const Json& answer) {
  const std::string error = TextIn(answer, "error");
  for (const char* const known : {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
                                  "unsupported_grant_type", "invalid_scope"}) {
    if (error == known) return ": " + error;
  }
  return "";
}

bool FitsIntoAHeader(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

struct TokenSource::Reply {
  int status = 0;
  Json body;
  std::optional<Duration> retry_after;
};

std::unique_lock<std::timed_mutex> TokenSource::Lock(const Breaker& breaker) {
  std::unique_lock lock(mutex_, std::defer_lock);
  while (!breaker.broken() && !lock.try_lock_for(kLook)) continue;
  return lock;
}

Result<std::string> TokenSource::Get(Breaker& breaker) {
  if (!options_.smart) return options_.token;
  const auto lock = Lock(breaker);
  if (!lock.owns_lock()) return Status(Code::kUnavailable, "Cancelled");
  if (!token_.empty() && Steady::now() < good_until_) return token_;
  token_.clear();
  if (Steady::now() < not_before_) {
    return Status(Code::kUnavailable, "The server of the tokens has asked for patience");
  }
  FRESHET_RETURN_IF_ERROR(Ask(breaker));
  return token_;
}

bool TokenSource::Refuse(const std::string& token, const Breaker& breaker) {
  if (!options_.smart) return false;
  const auto lock = Lock(breaker);
  if (!lock.owns_lock()) return false;
  if (token_ == token) token_.clear();  // else somebody has a newer one already
  return true;
}

// A form, or, without one, what lies at the address.
Result<TokenSource::Reply> TokenSource::Exchange(const Url& url, const std::string* form, Breaker& breaker) {
  httplib::Client client(url.origin);
  if (!client.is_valid()) return Status(Code::kConfiguration, "smart.token_url: nothing can be asked there");
  client.set_connection_timeout(options_.timeout);
  client.set_read_timeout(options_.timeout);
  client.set_write_timeout(options_.timeout);
  if (!options_.tls_ca.empty()) client.set_ca_cert_path(options_.tls_ca.string());
  httplib::Request request;
  request.method = form == nullptr ? "GET" : "POST";
  request.path = url.path;
  request.headers.emplace("Accept", "application/json");
  if (form != nullptr) {
    request.headers.emplace("Content-Type", "application/x-www-form-urlencoded");
    request.body = *form;
  }
  std::string body;
  request.content_receiver = [&body](const char* data, size_t size, uint64_t, uint64_t) {
    body.append(data, size);
    return body.size() <= kMostAnswer;
  };
  breaker.Watch(client);
  const httplib::Result result = client.send(request);
  breaker.Forget(client);
  if (!result) {
    const bool late = result.error() == httplib::Error::Read;
    return Status(late ? Code::kTimeout : Code::kUnavailable,
                  "No answer of the authorization server: " + httplib::to_string(result.error()));
  }
  return Reply{.status = result->status,
               .body = Json::parse(body, nullptr, false),
               .retry_after = ReadRetryAfter(result->get_header_value("Retry-After"),
                                             ReadHttpDate(result->get_header_value("Date")))};
}

Status TokenSource::CheckPassing(const Reply& reply, const char* who) {
  const bool refused = reply.status >= 400 && reply.status < 500 && reply.status != 408 && reply.status != 429;
  if (reply.status == 200 || refused) return OkStatus();
  if (reply.retry_after) not_before_ = Steady::now() + *reply.retry_after;
  return Status(Code::kUnavailable, std::string(who) + " answers " + std::to_string(reply.status));
}

Result<std::string> TokenSource::ToldUrl(const Url& base, Breaker& breaker) {
  FRESHET_ASSIGN_OR_RETURN(const Url told, base.Resolve(".well-known/smart-configuration"));
  FRESHET_ASSIGN_OR_RETURN(const Reply reply, Exchange(told, nullptr, breaker));
  FRESHET_RETURN_IF_ERROR(CheckPassing(reply, "The server's smart-configuration"));
  if (reply.status == 401 || reply.status == 403) {
    return Status(Code::kPermissionDenied, "The server's smart-configuration answers " + std::to_string(reply.status) +
                                               ": give smart.token_url");
  }
  std::string where = reply.status == 200 ? TextIn(reply.body, "token_endpoint") : std::string();
  if (!where.empty()) return where;
  return Status(Code::kConfiguration, "smart.token_url: is needed, the server's smart-configuration has none");
}

Result<Url> TokenSource::TokenUrl(Breaker& breaker) {
  FRESHET_ASSIGN_OR_RETURN(const Url base, Url::Parse(options_.url));
  std::string where = options_.smart->token_url;
  if (where.empty()) {
    FRESHET_ASSIGN_OR_RETURN(where, ToldUrl(base, breaker));
  }
  const Result<Url> url = Url::Parse(where);
  const bool open = url.ok() && base.origin.starts_with("https:") && !url->origin.starts_with("https:");
  if (!url.ok() || open) return Status(Code::kConfiguration, "smart.token_url: must be https://...");
  // As it is written: the assertion names it, letter by letter.
  return Url{.origin = url->origin, .path = url->path + (where.ends_with('/') || url->path.empty() ? "/" : "")};
}

Status TokenSource::Ask(Breaker& breaker) {
  const SmartOptions& smart = *options_.smart;
  if (!key_) {
    FRESHET_ASSIGN_OR_RETURN(key_, ClientKey::Read(smart.key));
  }
  FRESHET_ASSIGN_OR_RETURN(const Url url, TokenUrl(breaker));
  Claims claims{.client = smart.client_id,
                .audience = url.ToString(),
                .key_id = smart.key_id,
                .now = SystemClock().Now(),
                .id = RandomId()};
  if (claims.id.empty()) return Status(Code::kUnavailable, "No random number for an assertion");
  FRESHET_ASSIGN_OR_RETURN(const std::string assertion, key_->Sign(claims));
  const std::string form = "grant_type=client_credentials&scope=" + PercentEncoded(smart.scope) +
                           "&client_assertion_type=" + PercentEncoded(kAssertionType) +
                           "&client_assertion=" + PercentEncoded(assertion);
  FRESHET_ASSIGN_OR_RETURN(const Reply reply, Exchange(url, &form, breaker));
  return Take(reply);
}

Status TokenSource::Take(const Reply& reply) {
  FRESHET_RETURN_IF_ERROR(CheckPassing(reply, "The authorization server"));
  const auto now = Steady::now();
  if (reply.status != 200) {
    return Status(Code::kPermissionDenied,
                  "The authorization server answers " + std::to_string(reply.status) + WhyRefused(reply.body));
  }
  std::string kind = TextIn(reply.body, "token_type");
  std::transform(kind.begin(), kind.end(), kind.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string token = TextIn(reply.body, "access_token");
  if (kind != "bearer" || !FitsIntoAHeader(token)) {
    return Status(Code::kUnavailable, "The authorization server's answer has no bearer token");
  }
  token_ = std::move(token);
  const auto told = reply.body.find("expires_in");
  const bool has_life = told != reply.body.end() && told->is_number() && told->get<double>() > 0;
  const Duration life = has_life ? std::chrono::duration_cast<Duration>(std::min<std::chrono::duration<double>>(
                                       std::chrono::duration<double>(told->get<double>()), kLongest))
                                 : Duration(kUntold);
  good_until_ = now + life - std::min<Duration>(kMargin, life / 4);
  return OkStatus();
}

}  // namespace freshet::fhir
