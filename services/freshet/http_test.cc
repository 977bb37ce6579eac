// The caller of the HTTP interface, against servers that behave and servers that do not.
#include "services/freshet/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "common/base/code.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

class HttpTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      seen_ = request;
      response.status = status_;
      response.set_content(body_, type_);
    };
    server_.Get(".*", answer);
    server_.Post(".*", answer);
    url_ = "http://127.0.0.1:" + std::to_string(server_.bind_to_any_port("127.0.0.1"));
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  void TearDown() override {
    server_.stop();
    thread_.join();
  }

  httplib::Server server_;
  std::thread thread_;
  std::string url_;
  int status_ = 200;
  std::string body_ = "{}", type_ = "application/json";
  httplib::Request seen_;
};

TEST_F(HttpTest, SendsWhatItIsGiven) {
  HttpClient client(url_, "t0ken");
  EXPECT_EQ(*client.Post("/v1/search", "{\"a\": 1}"), "{}");
  EXPECT_EQ(seen_.path, "/v1/search");
  EXPECT_EQ(seen_.body, "{\"a\": 1}");
  EXPECT_EQ(seen_.get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(seen_.get_header_value("Authorization"), "Bearer t0ken");
}

TEST_F(HttpTest, ManyCallsByOneClient) {
  HttpClient client(url_, "t0ken");
  for (int i = 0; i < 20; ++i) {
    body_ = std::to_string(i);
    EXPECT_EQ(*client.Get("/v1/freshness"), body_);
  }
}

TEST_F(HttpTest, WithoutATokenNothingIsClaimed) {
  EXPECT_TRUE(HttpClient(url_, "").Get("/healthz").ok());
  EXPECT_FALSE(seen_.has_header("Authorization"));
}

TEST_F(HttpTest, ATokenCannotBreakOutOfItsHeader) {
  const Result<std::string> answer = HttpClient(url_, "t\r\nX-Forged: yes").Get("/v1/freshness");
  EXPECT_EQ(answer.code(), Code::kInvalidArgument);
  EXPECT_FALSE(seen_.has_header("X-Forged"));
}

TEST_F(HttpTest, EveryCodeOfOursComesBackAsItself) {
  status_ = 400;
  for (const CodeRow& row : AllCodes()) {
    if (row.code == Code::kOk) continue;
    body_ = nlohmann::json{{"code", row.name}, {"detail", "why"}}.dump();
    const Result<std::string> answer = HttpClient(url_, "t").Get("/");
    EXPECT_EQ(answer.code(), row.code);
    EXPECT_EQ(answer.status().message(), "why");
  }
}

struct StatusCase {
  int status;
  const char* body;
  Code code;
  const char* message;
};
class HttpStatusTest : public HttpTest, public testing::WithParamInterface<StatusCase> {};

TEST_P(HttpStatusTest, IsAnErrorWithACode) {
  status_ = GetParam().status;
  body_ = GetParam().body;
  const Result<std::string> answer = HttpClient(url_, "t").Post("/v1/search", "{}");
  EXPECT_EQ(answer.code(), GetParam().code);
  EXPECT_EQ(answer.status().message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, HttpStatusTest,
    testing::Values(StatusCase{401, "", Code::kUnauthenticated, "HTTP 401"},
                    StatusCase{403, "", Code::kPermissionDenied, "HTTP 403"},
                    StatusCase{404, "not json", Code::kNotFound, "HTTP 404"},
                    StatusCase{422, "[]", Code::kInvalidArgument, "HTTP 422"},
                    StatusCase{500, "", Code::kUnavailable, "HTTP 500"},
                    StatusCase{503, "<html>", Code::kUnavailable, "HTTP 503"},
                    StatusCase{500, R"({"code": "no_such_code", "title": "Oh."})", Code::kUnavailable, "Oh."},
                    StatusCase{400, R"({"code": "ok", "detail": "a lie"})", Code::kInvalidArgument, "a lie"},
                    StatusCase{400, R"({"code": 7, "detail": ["x"], "title": "T."})", Code::kInvalidArgument, "T."},
                    StatusCase{409, R"({"code": "stale", "title": "T.", "detail": "D."})", Code::kStale, "D."},
                    StatusCase{302, "", Code::kUnavailable, "HTTP 302"}));

TEST(HttpUrlTest, WhatIsNoUrlIsAnError) {
  for (const char* url : {"", "127.0.0.1:8080", "ftp://x", "http//x", "http://", "file:///etc/passwd"}) {
    const Result<std::string> answer = HttpClient(url, "t").Get("/v1/freshness");
    EXPECT_FALSE(answer.ok()) << url;
    EXPECT_TRUE(answer.code() == Code::kInvalidArgument || answer.code() == Code::kUnavailable) << url;
  }
}

TEST(HttpUrlTest, AServerThatHangsUpIsUnavailable) {
  httplib::Server server;
  const int port = server.bind_to_any_port("127.0.0.1");  // bound, but nobody accepts
  server.stop();
  HttpClient client("http://127.0.0.1:" + std::to_string(port), "t", std::chrono::milliseconds(200));
  const Result<std::string> answer = client.Get("/");
  EXPECT_EQ(answer.code(), Code::kUnavailable);
  EXPECT_THAT(answer.status().message(), HasSubstr("no answer"));
}

}  // namespace
}  // namespace freshet
