#include "services/freshet/http.h"

#include <httplib.h>

#include <nlohmann/json.hpp>

namespace freshet {
namespace {

constexpr std::chrono::seconds kConnectLimit(5);

// RFC 9110, 5.5: anything else might end the header and begin another.
bool FitsIntoAHeader(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

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
  std::unique_ptr<httplib::Client> client;  // null where `wrong`
  httplib::Headers headers;
  Status wrong;
};

HttpClient::HttpClient(const std::string& url, const std::string& token, std::chrono::milliseconds answer_limit)
    : state_(std::make_unique<State>()) {
  if (!FitsIntoAHeader(token)) {
    state_->wrong = Status(Code::kInvalidArgument, "the token has characters that no token has");
    return;
  }
  state_->client = State::Make(url);
  if (state_->client == nullptr) {
    state_->wrong = Status(Code::kInvalidArgument, "the URL is not http://host:port");
    return;
  }
  if (!token.empty()) state_->headers.emplace("Authorization", "Bearer " + token);
  state_->client->set_connection_timeout(kConnectLimit);
  state_->client->set_read_timeout(answer_limit);
}

HttpClient::~HttpClient() = default;

Result<std::string> HttpClient::Get(const std::string& path) {
  FRESHET_RETURN_IF_ERROR(state_->wrong);
  return BodyOf(state_->client->Get(path, state_->headers));
}

Result<std::string> HttpClient::Post(const std::string& path, const std::string& json) {
  FRESHET_RETURN_IF_ERROR(state_->wrong);
  return BodyOf(state_->client->Post(path, state_->headers, json, "application/json"));
}

}  // namespace freshet
