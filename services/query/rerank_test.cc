// The reranker over HTTP: both forms, what is no answer, the budget; and what the engine makes of it.
#include "services/query/rerank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "services/query/listen.h"
#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using freshet::testing::NamesOf;
using freshet::testing::TestIndex;
using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

// A server that answers as it is told.
class RerankServer {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;
  explicit RerankServer(Handler handler) {
    http_.Post("/rerank", std::move(handler));
    port_ = http_.bind_to_any_port("127.0.0.1");
    EXPECT_TRUE(ServeOnThread(http_, thread_).ok());
  }
  ~RerankServer() {
    http_.stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/rerank"; }

 private:
  httplib::Server http_;
  std::thread thread_;
  int port_ = 0;
};

RerankServer::Handler Says(std::string body, int status = 200) {
  return [=](const httplib::Request&, httplib::Response& response) {
    response.status = status;
    response.set_content(body, "application/json");
  };
}

Result<std::vector<float>> Ask(const HttpRerankerOptions& options, std::vector<std::string> passages = {"a", "b"}) {
  return HttpReranker::Make(options).value()->Score("floor \"x\"", passages);
}

TEST(HttpReranker, SpeaksTheFormOfTextEmbeddingsInference) {
  Json seen;
  RerankServer server([&](const httplib::Request& request, httplib::Response& response) {
    seen = Json::parse(request.body);
    EXPECT_EQ(request.get_header_value("Authorization"), "Bearer secret");
    response.set_content(R"([{"index": 1, "score": 0.5}, {"index": 0, "score": -2}])", "application/json");
  });
  const auto scores = Ask({.url = server.url(), .token = "secret", .budget = 20s});
  ASSERT_TRUE(scores.ok()) << scores.status().message();
  EXPECT_THAT(*scores, ElementsAre(-2.0f, 0.5f));
  EXPECT_EQ(seen, Json::parse(R"({"query": "floor \"x\"", "texts": ["a", "b"], "truncate": true})"));
}

TEST(HttpReranker, SpeaksTheFormOfCohere) {
  Json seen;
  RerankServer server([&](const httplib::Request& request, httplib::Response& response) {
    seen = Json::parse(request.body);
    response.set_content(R"({"id": "1", "results": [{"index": 0, "relevance_score": 0.25},
                             {"index": 1, "relevance_score": 0.75}]})",
                         "application/json");
  });
  const auto scores = Ask({.url = server.url(), .model = "rerank-v3.5", .budget = 20s});
  ASSERT_TRUE(scores.ok()) << scores.status().message();
  EXPECT_THAT(*scores, ElementsAre(0.25f, 0.75f));
  EXPECT_EQ(seen, Json::parse(R"({"model": "rerank-v3.5", "query": "floor \"x\"", "documents": ["a", "b"]})"));
}

TEST(HttpReranker, OnlyOneScoreForEachPassageIsAnAnswer) {
  for (const char* body :
       {"", "no json", "{}", "[]", "null", R"({"results": 7})", R"([{"index": 0, "score": 1}])",
        R"([{"index": 0, "score": 1}, {"index": 0, "score": 2}])",
        R"([{"index": 0, "score": 1}, {"index": 2, "score": 2}])", R"([{"index": 0, "score": 1}, {"index": 1}])",
        R"([{"index": 0, "score": 1}, {"index": 1, "score": "2"}])",
        R"([{"index": 0, "score": 1}, {"index": -1, "score": 2}])",
        R"([{"index": 0, "score": 1e300}, {"index": 1, "score": 2}])", R"([1, 2])"}) {
    RerankServer server(Says(body));
    EXPECT_EQ(Ask({.url = server.url(), .budget = 20s}).code(), Code::kMalformedDocument) << body;
  }
  RerankServer large(Says(std::string(2 << 20, ' ')));
  EXPECT_FALSE(Ask({.url = large.url(), .budget = 20s}).ok());
  RerankServer broken(Says("[]", 503));
  EXPECT_EQ(Ask({.url = broken.url(), .budget = 20s}).code(), Code::kUnavailable);
}

TEST(HttpReranker, TheBudgetHoldsWhateverTheServerDoes) {
  std::atomic<bool> end = false;
  RerankServer server([&](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("application/json", [&](size_t, httplib::DataSink& sink) {
      std::this_thread::sleep_for(5ms);  // something comes all the time, and it never ends
      return !end && sink.write(" ", 1);
    });
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Ask({.url = server.url(), .budget = 100ms}).code(), Code::kTimeout);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s) << "the server never ends by itself";
  end = true;
}

TEST(HttpReranker, AfterThreeFailuresItIsLeftAloneForAWhile) {
  std::atomic<int> calls = 0;
  RerankServer server([&](const httplib::Request&, httplib::Response& response) {
    response.status = ++calls <= 3 ? 500 : 200;
    response.set_content(R"([{"index": 0, "score": 1}])", "application/json");
  });
  const std::vector<std::string> passages = {"a"};
  const auto patient = HttpReranker::Make({.url = server.url(), .budget = 20s, .pause = 1h}).value();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(patient->Score("x", passages).code(), Code::kUnavailable);
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(patient->Score("x", {}).ok()) << "nothing to ask about";
  calls = 0;
  const auto hasty = HttpReranker::Make({.url = server.url(), .budget = 20s, .pause = 0s}).value();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(hasty->Score("x", passages).code(), Code::kUnavailable);
  EXPECT_TRUE(hasty->Score("x", passages).ok()) << "the pause is over";
}

TEST(HttpReranker, AnAddressThatIsNoneIsAConfigurationError) {
  for (const char* url : {"", "127.0.0.1:80", "ftp://x", "http://", "http:///rerank"}) {
    EXPECT_EQ(HttpReranker::Make({.url = url}).code(), Code::kConfiguration) << url;
  }
  EXPECT_EQ(HttpReranker::Make({.url = "http://x", .token = "a\r\nb"}).code(), Code::kConfiguration);
  EXPECT_EQ(Ask({.url = "http://127.0.0.1:1", .budget = 20s}).code(), Code::kUnavailable) << "nobody listens";
}

// Likes what it is told to like.
class Liking final : public Reranker {
 public:
  explicit Liking(std::string word, size_t most = 32) : word_(std::move(word)), most_(most) {}
  Result<std::vector<float>> Score(std::string_view, std::span<const std::string> passages) const override {
    asked = {passages.begin(), passages.end()};
    if (before_answer) before_answer();
    if (!status.ok()) return status;
    std::vector<float> scores;
    for (const std::string& passage : passages) scores.push_back(passage.find(word_) == passage.npos ? 0.0f : 1.0f);
    return scores;
  }
  size_t passages() const override { return most_; }

  mutable std::vector<std::string> asked;
  std::function<void()> before_answer;
  Status status;

 private:
  const std::string word_;
  const size_t most_;
};

class RerankTest : public ::testing::Test {
 protected:
  void Fill(const std::shared_ptr<Liking>& reranker) {
    index_ = std::make_unique<TestIndex>(freshet::testing::TestIndexOptions{.reranker = reranker});
    index_->Allow("open", {"group:everyone"});
    for (int i = 0; i < 5; ++i) {
      const std::string number = std::to_string(i);
      index_->Put({.id = number,
                   .text = "# Part\n\nfloor " + std::string(5 - i, 'x') + " word" + number + "\n",
                   .scope = i == 4 ? "last" : "open",
                   .title = "Plan"});
    }
    index_->Allow("last", {"group:everyone"});
    index_->Beat();
    index_->Show();
  }
  SearchResponse Answer(SearchRequest request) {
    return index_->engine->Search(TestIndex::CallerOf("ada"), request, "").value();
  }

  std::unique_ptr<TestIndex> index_;
};

TEST_F(RerankTest, TheBestOfMoreThanWereAskedForComesFirst) {
  const auto reranker = std::make_shared<Liking>("word3");
  Fill(reranker);
  const SearchResponse plain = Answer({.query = "floor", .top_k = 5, .rerank = false});
  const SearchResponse answer = Answer({.query = "floor", .top_k = 2});
  EXPECT_EQ(answer.hits.size(), 2u);
  EXPECT_EQ(answer.hits[0].document.value, "3");
  EXPECT_EQ(answer.hits[0].reranked, 1.0f);
  EXPECT_EQ(answer.hits[1].reranked, 0.0f);
  EXPECT_NE(answer.hits[1].document.value, "3");
  EXPECT_THAT(answer.warnings, IsEmpty());
  ASSERT_EQ(reranker->asked.size(), 5u);
  EXPECT_THAT(reranker->asked[0], HasSubstr("Plan > Part\nfloor")) << "where a passage stands is part of it";
  EXPECT_FALSE(plain.hits[0].reranked.has_value());
  EXPECT_EQ(
      std::count_if(answer.took_ms.begin(), answer.took_ms.end(), [](auto& row) { return row.first == "rerank"; }), 1);
}

TEST_F(RerankTest, OnlyTheFirstAreAskedAboutAndTheOthersStayBehind) {
  const auto reranker = std::make_shared<Liking>("nothing", 2);
  Fill(reranker);
  const std::string plain = NamesOf(Answer({.query = "floor", .top_k = 5, .rerank = false}));
  EXPECT_EQ(NamesOf(Answer({.query = "floor", .top_k = 5})), plain) << "equal scores keep the order";
  EXPECT_EQ(reranker->asked.size(), 2u);
}

TEST_F(RerankTest, WhateverFailsTheFusedOrderIsTheAnswerWithAWarning) {
  const auto reranker = std::make_shared<Liking>("word3");
  Fill(reranker);
  const std::string plain = NamesOf(Answer({.query = "floor", .top_k = 3, .rerank = false}));
  reranker->status = Status(Code::kTimeout, "late");
  const SearchResponse answer = Answer({.query = "floor", .top_k = 3});
  EXPECT_EQ(NamesOf(answer), plain);
  EXPECT_THAT(answer.warnings, ElementsAre(HasSubstr("not_reranked: timeout")));
}

TEST_F(RerankTest, WhoeverAsksForARerankerWhereThereIsNoneIsTold) {
  Fill(nullptr);
  EXPECT_THAT(Answer({.query = "floor"}).warnings, IsEmpty());
  EXPECT_THAT(Answer({.query = "floor", .rerank = true}).warnings, ElementsAre(HasSubstr("no_reranker")));
}

TEST_F(RerankTest, WhatIsTakenAwayWhileTheRerankerThinksIsNotShown) {
  const auto reranker = std::make_shared<Liking>("word4");
  Fill(reranker);
  EXPECT_EQ(Answer({.query = "floor", .top_k = 1}).hits[0].document.value, "4");
  reranker->before_answer = [&] { index_->Allow("last", {"user:somebody-else"}); };
  const SearchResponse answer = Answer({.query = "floor", .top_k = 5, .snippet = 50});
  EXPECT_EQ(answer.hits.size(), 4u);
  for (const SearchHit& hit : answer.hits) {
    EXPECT_NE(hit.document.value, "4");
    EXPECT_TRUE(hit.snippet.has_value());
  }
}

}  // namespace
}  // namespace freshet::query
