// freshet eval search: its figures, its gates, its baseline and its exit status, against a server that answers by
// heart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "services/freshet/command.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

class EvalSearchTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.Post("/v1/search", [this](const httplib::Request& request, httplib::Response& response) {
      const Json asked = Json::parse(request.body);
      requests_.push_back(asked);
      Json answer = {{"hits", Json::array()}};
      const std::string who = request.get_header_value("Authorization");
      for (const std::string& document : answers_[who + ": " + asked["query"].get<std::string>()]) {
        answer["hits"].push_back({{"document_id", document}, {"text", "…"}});
      }
      response.set_content(answer.dump(), "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    directory_ = std::filesystem::path(testing::TempDir()) / "eval_search_test";
    std::filesystem::create_directories(directory_);
    Write("golden.jsonl", R"({"id": "a", "question": "one", "relevant": ["x"]}
{"id": "b", "question": "two", "relevant": ["y"], "forbidden": ["s"], "caller": "bob", "collections": ["notes"]}
)");
    answers_["Bearer t0ken: one"] = {"x", "z"};
    answers_["Bearer b0b: two"] = {"z", "z", "y"};
  }
  void TearDown() override {
    server_.stop();
    thread_.join();
  }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }
  int Run(std::vector<std::string> options) {
    std::vector<std::string> arguments = {"eval",     "search",
                                          "--golden", (directory_ / "golden.jsonl").string(),
                                          "--url",    "http://127.0.0.1:" + std::to_string(port_),
                                          "--token",  "t0ken"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::istringstream in;
    out_.str("");
    err_.str("");
    Terminal terminal{in, out_, err_};
    return static_cast<int>(RunCommandLine(AllCommands(), arguments, terminal));
  }

  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  std::map<std::string, std::vector<std::string>> answers_;  // "authorization: question" -> documents
  std::vector<Json> requests_;
  std::filesystem::path directory_;
  std::ostringstream out_, err_;
};

TEST_F(EvalSearchTest, AsksEachQuestionByItsCallerAndJudges) {
  ASSERT_EQ(Run({"--caller", "bob=b0b", "--mode", "lexical", "--json"}), 0) << err_.str();
  const Json json = Json::parse(out_.str());
  EXPECT_DOUBLE_EQ(json["mrr"]["mean"], 0.75) << "a passage met again has no rank";
  EXPECT_DOUBLE_EQ(json["recall"]["mean"], 1);
  EXPECT_DOUBLE_EQ(json["first"]["mean"], 0.5);
  EXPECT_DOUBLE_EQ(json["questions"]["b"]["mrr"], 0.5);
  EXPECT_EQ(json["permission_accuracy"], 1);
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_EQ(requests_[0]["mode"], "lexical");
  EXPECT_FALSE(requests_[0].contains("collections"));
  EXPECT_EQ(requests_[1]["collections"], Json::array({"notes"}));
}

TEST_F(EvalSearchTest, GatesDecideTheStatus) {
  EXPECT_EQ(Run({"--caller", "bob=b0b", "--min-mrr", "0.75", "--min-recall", "1"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("nDCG"));
  EXPECT_EQ(Run({"--caller", "bob=b0b", "--min-mrr", "0.8"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("mrr is 0.750; the gate is 0.800."));
  EXPECT_EQ(Run({"--caller", "bob=b0b", "--min-ndcg", "0.99", "--json"}), 1);
  EXPECT_EQ(Json::parse(out_.str())["failures"].size(), 1u) << "one JSON value, whatever happened";
}

TEST_F(EvalSearchTest, WhatIsForbiddenAlwaysFails) {
  answers_["Bearer b0b: two"] = {"y", "z", "s"};
  EXPECT_EQ(Run({"--caller", "bob=b0b"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("Shown though forbidden: 1 document"));
}

TEST_F(EvalSearchTest, ABaselineFailsWhatIsWorseAndNotByChance) {
  ASSERT_EQ(Run({"--caller", "bob=b0b", "--json"}), 0);
  const std::string baseline = Write("baseline.json", out_.str());
  EXPECT_EQ(Run({"--caller", "bob=b0b", "--baseline", baseline}), 0) << err_.str();
  answers_["Bearer b0b: two"] = {"y"};  // better
  EXPECT_EQ(Run({"--caller", "bob=b0b", "--baseline", baseline}), 0) << err_.str();
  answers_["Bearer b0b: two"] = answers_["Bearer t0ken: one"] = {"q"};
  EXPECT_EQ(Run({"--caller", "bob=b0b", "--baseline", baseline}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("MRR is worse than in the baseline, by 0.750."));
}

TEST_F(EvalSearchTest, WhatCannotBeJudgedIsUsage) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("question b names a caller without a token"));
  EXPECT_EQ(Run({"--caller", "b0b"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("NAME=TOKEN"));
  EXPECT_EQ(Run({"--caller", "bob=b0b", "--baseline", Write("other.json", "[1]")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("baseline"));
  Write("golden.jsonl", "{}\n");
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("line 1"));
  Write("golden.jsonl", "");
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no question"));
}

TEST_F(EvalSearchTest, NobodyThereIsStatusOne) {
  server_.stop();
  EXPECT_EQ(Run({"--caller", "bob=b0b"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("unavailable"));
}

}  // namespace
}  // namespace freshet
