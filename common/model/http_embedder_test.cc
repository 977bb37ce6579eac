// The client of an embedding server against a server that answers, refuses, stalls and comes back.
#include "common/model/http_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/model/http_answer.h"

namespace freshet::model {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint32_t kDimensions = 2;

// Answers each text with (its length, 1), last text first; fails as long as it is told to.
class HttpEmbedderTest : public ::testing::Test {
 protected:
  HttpEmbedderTest() {
    server_.Post("/base/v1/embeddings", [this](const httplib::Request& request, httplib::Response& response) {
      ++asked_;
      authorization_ = request.get_header_value("Authorization");
      request_ = Json::parse(request.body);
      if (failures_ != 0) {
        if (failures_ > 0) --failures_;
        response.status = status_;
        return;
      }
      if (stall_ > 0ms) std::this_thread::sleep_for(stall_);
      response.set_content(answer_.empty() ? Answer(request_) : answer_, "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::sleep_for(1ms);
  }
  ~HttpEmbedderTest() override { StopServer(); }
  void StopServer() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  static std::string Answer(const Json& request) {
    Json data = Json::array();
    const Json& input = request["input"];
    for (size_t i = input.size(); i-- > 0;) {
      data.push_back({{"index", i}, {"embedding", {input[i].get<std::string>().size(), 0}}});
    }
    return Json{{"data", data}, {"usage", {{"total_tokens", 7}}}}.dump();
  }
  HttpEmbedderOptions Options() {
    return {.url = "http://127.0.0.1:" + std::to_string(port_) + "/base/",
            .model = "test",
            .dimensions = kDimensions,
            .api_key = "key",
            .timeout = 10s,
            .backoff = 1ms,
            .pause = 1h,
            .on_call = [this](const HttpEmbedderCall& call) { calls_.push_back(call); }};
  }
  static std::unique_ptr<HttpEmbedder> Made(HttpEmbedderOptions options) {
    auto made = HttpEmbedder::Make(std::move(options));
    EXPECT_TRUE(made.ok()) << made.status().ToString();
    return std::move(*made);
  }
  static Result<EmbeddingBatch> Embed(const HttpEmbedder& embedder, std::vector<std::string_view> texts = {"a"}) {
    return embedder.Embed(texts);
  }

  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  std::atomic<int> asked_ = 0, failures_ = 0, status_ = 503;
  std::chrono::milliseconds stall_{0};
  std::string authorization_, answer_;
  Json request_;
  std::vector<HttpEmbedderCall> calls_;
};

TEST_F(HttpEmbedderTest, AsksAsTheInterfaceSaysAndBringsVectorsToTheirPlaceAndLength) {
  const auto embedder = Made(Options());
  EXPECT_EQ(embedder->name(), "test-2");
  const auto batch = Embed(*embedder, {"one", "three"});
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_THAT(batch->values, ElementsAre(1, 0, 1, 0));
  EXPECT_EQ(request_, Json::parse(R"({"model": "test", "encoding_format": "float", "input": ["one", "three"]})"));
  EXPECT_EQ(authorization_, "Bearer key");
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].tokens, 7u);
  EXPECT_EQ(calls_[0].code, Code::kOk);
}

TEST_F(HttpEmbedderTest, NothingIsAskedForNothing) {
  EXPECT_EQ((*Embed(*Made(Options()), {})).size(), 0u);
  EXPECT_EQ(asked_, 0);
}

TEST_F(HttpEmbedderTest, WhatMayPassIsTriedAgain) {
  const auto embedder = Made(Options());
  for (const int status : {429, 500, 503}) {
    status_ = status;
    failures_ = 2;
    EXPECT_TRUE(Embed(*embedder).ok()) << status;
  }
  EXPECT_EQ(asked_, 9);
}

TEST_F(HttpEmbedderTest, WhatDoesNotPassIsNotTriedAgain) {
  const auto embedder = Made(Options());
  const std::pair<int, Code> rows[] = {{401, Code::kConfiguration},    {403, Code::kConfiguration},
                                       {404, Code::kConfiguration},    {400, Code::kInternalError},
                                       {413, Code::kDocumentTooLarge}, {422, Code::kInternalError}};
  for (const auto& [status, code] : rows) {
    asked_ = 0;
    status_ = status;
    failures_ = 1;
    EXPECT_EQ(Embed(*embedder).status().code(), code) << status;
    EXPECT_EQ(asked_, 1) << status;
  }
  EXPECT_FALSE(embedder->circuit_open()) << "an answer that refuses is an answer";
}

TEST_F(HttpEmbedderTest, TheCircuitOpensAsksNowAndThenAndCloses) {
  HttpEmbedderOptions options = Options();
  options.breaker_threshold = 3;
  failures_ = -1;
  const auto embedder = Made(options);
  EXPECT_EQ(Embed(*embedder).status().code(), Code::kUnavailable);
  EXPECT_TRUE(embedder->circuit_open());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Embed(*embedder).status().code(), Code::kUnavailable);
  EXPECT_EQ(asked_, 3) << "nobody is asked while it is open";

  options.pause = 1ms;
  const auto patient = Made(options);
  EXPECT_FALSE(Embed(*patient).ok());
  failures_ = 0;
  for (int i = 0; i < 1000 && !Embed(*patient).ok(); ++i) std::this_thread::sleep_for(1ms);
  EXPECT_FALSE(patient->circuit_open());
}

TEST_F(HttpEmbedderTest, AServerThatStallsIsATimeout) {
  HttpEmbedderOptions options = Options();
  options.timeout = 50ms;
  options.attempts = 1;
  stall_ = 300ms;
  const auto embedder = Made(options);
  EXPECT_EQ(Embed(*embedder).status().code(), Code::kTimeout);
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].code, Code::kTimeout);
}

TEST_F(HttpEmbedderTest, NobodyThereIsUnavailable) {
  const auto embedder = Made(Options());
  StopServer();
  EXPECT_EQ(Embed(*embedder).status().code(), Code::kUnavailable);
}

TEST_F(HttpEmbedderTest, AnswersThatAreNoneAreErrorsWithoutContent) {
  const auto embedder = Made(Options());
  const std::pair<const char*, Code> rows[] = {
      {"", Code::kOk},
      {"secret words", Code::kInternalError},
      {"[]", Code::kInternalError},
      {R"({"data": []})", Code::kInternalError},
      {R"({"data": [{"index": 0}]})", Code::kInternalError},
      {R"({"data": [{"index": 1, "embedding": [1, 0]}]})", Code::kInternalError},
      {R"({"data": [{"index": 0, "embedding": [0, 0]}]})", Code::kInternalError},
      {R"({"data": [{"index": 0, "embedding": ["x", 0]}]})", Code::kInternalError},
      {R"({"data": [{"index": 0, "embedding": [1e39, 0]}]})", Code::kInternalError},
      {R"({"data": [{"index": 0, "embedding": [1, 0, 0]}]})", Code::kConfiguration}};
  for (const auto& [answer, code] : rows) {
    answer_ = answer;
    const Status status = Embed(*embedder).status();
    EXPECT_EQ(status.code(), code) << answer;
    EXPECT_THAT(status.message(), ::testing::Not(HasSubstr("secret")));
  }
}

TEST(HttpAnswer, AnIndexCountsOnce) {
  const char* const twice = R"({"data": [{"index": 0, "embedding": [1, 0]}, {"index": 0, "embedding": [1, 0]}]})";
  EXPECT_EQ(ParseEmbeddings(twice, 2, 2).status().code(), Code::kInternalError);
}

TEST(HttpEmbedder, ConfigurationIsChecked) {
  const auto code = [](HttpEmbedderOptions options) { return HttpEmbedder::Make(std::move(options)).status().code(); };
  EXPECT_EQ(code({.url = "http://h:1", .model = "m", .dimensions = 2}), Code::kOk);
  EXPECT_EQ(code({.url = "h:1", .model = "m", .dimensions = 2}), Code::kConfiguration);
  EXPECT_EQ(code({.url = "http://h:1", .dimensions = 2}), Code::kConfiguration);
  EXPECT_EQ(code({.url = "http://h:1", .model = "m"}), Code::kConfiguration);
  EXPECT_EQ(code({.url = "http://h:1", .model = "m", .dimensions = 2, .api_key = "a\nb"}), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::model
