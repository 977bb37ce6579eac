#include "services/freshet/http.h"

#include <httplib.h>

#include <nlohmann/json.hpp>

namespace freshet {
namespace {

constexpr std::chrono::seconds kConnectLimit(5);
constexpr std::chrono::seconds kAnswerLimit(60);

Status NotAUrl() { return Status(Code::kInvalidArgument, "the URL is not http://host:port"); }

Code CodeOfHttp(int status) {
  if (status == 401) return Code::kUnauthenticated;
  if (status == 403) return Code::kPermissionDenied;
  if (status == 404) return Code::kNotFound;
  return status >= 400 && status < 500 ? Code::kInvalidArgument : Code::kUnavailable;
}

Status ProblemOf(const httplib::Response& response) {
  const auto problem = nlohmann::json::parse(response.body, nullptr, false);
  if (!problem.is_object()) return Status(CodeOfHttp(response.status), "HTTP " + std::to_string(response.status));
  const auto text = [&](const char* key) {
    return problem.contains(key) && problem[key].is_string() ? problem[key].get<std::string>() : std::string();
  };
  const Code code = CodeOf(text("code")).value_or(CodeOfHttp(response.status));
  const std::string detail = text("detail").empty() ? text("title") : text("detail");
  return Status(code == Code::kOk ? CodeOfHttp(response.status) : code, detail);
}

Result<std::string> BodyOf(const httplib::Result& result) {
  if (!result) return Status(Code::kUnavailable, "no answer: " + httplib::to_string(result.error()));
  if (result->status < 200 || result->status > 299) return ProblemOf(*result);
  return result->body;
}

}  // namespace

struct HttpClient::State {
  // The library throws where the scheme is not one it knows.
  static std::unique_ptr<httplib::Client> Make(const std::string& url) {
    if (!url.starts_with("http://") && !url.starts_with("https://")) return nullptr;
    auto client = std::make_unique<httplib::Client>(url);
    return client->is_valid() ? std::move(client) : nullptr;
  }
  explicit State(const std::string& url) : client(Make(url)) {}

  std::unique_ptr<httplib::Client> client;  // null where the URL is none
  httplib::Headers headers;
};

HttpClient::HttpClient(const std::string& url, const std::string& token) : state_(std::make_unique<State>(url)) {
  if (!token.empty()) state_->headers.emplace("Authorization", "Bearer " + token);
  if (state_->client == nullptr) return;
  state_->client->set_connection_timeout(kConnectLimit);
  state_->client->set_read_timeout(kAnswerLimit);
}

HttpClient::~HttpClient() = default;

Result<std::string> HttpClient::Get(const std::string& path) {
  if (state_->client == nullptr) return NotAUrl();
  return BodyOf(state_->client->Get(path, state_->headers));
}

Result<std::string> HttpClient::Post(const std::string& path, const std::string& json) {
  if (state_->client == nullptr) return NotAUrl();
  return BodyOf(state_->client->Post(path, state_->headers, json, "application/json"));
}

}  // namespace freshet
