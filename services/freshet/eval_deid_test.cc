// freshet eval deid: its figures, its gates and its exit status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "services/freshet/command.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class EvalDeidTest : public testing::Test {
 protected:
  // Two identifiers, one of which nothing finds, and a text without any.
  void SetUp() override {
    path_ = testing::TempDir() + "/gold.jsonl";
    std::ofstream(path_)
        << R"({"id": "a", "text": "Call 617-555-0100, word ferrule.", "phi": [{"type": "PHONE", "value": "617-555-0100"}, {"type": "ID", "value": "ferrule"}]})"
        << "\n"
        << R"({"id": "b", "text": "Metformin 500 mg twice a day.", "phi": []})"
        << "\n";
  }
  int Run(std::vector<std::string> options) {
    options.insert(options.begin(), {"eval", "deid", "--gold", path_});
    std::istringstream in;
    out_.str("");
    err_.str("");
    Terminal terminal{in, out_, err_};
    return static_cast<int>(RunCommandLine(AllCommands(), options, terminal));
  }

  std::string path_;
  std::ostringstream out_, err_;
};

TEST_F(EvalDeidTest, PrintsFiguresByTypeAndNoText) {
  ASSERT_EQ(Run({}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("PHONE     1   1.000   1.000      1.000  1.000"));
  EXPECT_THAT(out_.str(), HasSubstr("all       2   0.500   0.500      1.000  0.556"));
  EXPECT_THAT(out_.str(), HasSubstr("0.500 of 2 values"));
  EXPECT_THAT(out_.str(), HasSubstr("0.000 of 1 texts without identifiers"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("ferrule")));
}

TEST_F(EvalDeidTest, ListsErrorsWhenAsked) {
  ASSERT_EQ(Run({"--errors"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("missed  a     ID    ferrule"));
  ASSERT_EQ(Run({"--errors", "--json"}), 0);
  EXPECT_EQ(Json::parse(out_.str())["errors"][0]["text"], "ferrule");
  ASSERT_EQ(Run({"--json"}), 0);
  const Json json = Json::parse(out_.str());
  EXPECT_FALSE(json.contains("errors"));
  EXPECT_EQ(json["types"]["PHONE"]["recall"], 1.0);
  EXPECT_EQ(json["leak_rate"], 0.5);
}

TEST_F(EvalDeidTest, BelowAGateTheStatusIsOne) {
  EXPECT_EQ(Run({"--gate", "0.5"}), 0);
  EXPECT_EQ(Run({"--gate", "0.9"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("F2 is 0.556; the gate is 0.900."));
  EXPECT_EQ(Run({"--max-leak", "0.4"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("leak rate is 0.500"));
  EXPECT_EQ(Run({"--max-leak", "0.5", "--max-over-redaction", "0"}), 0);
  EXPECT_EQ(Run({"--policy", "none", "--gate", "0.1", "--json"}), 1);
}

TEST_F(EvalDeidTest, NothingToJudgeIsNoSuccess) {
  std::ofstream(path_) << "\n";
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("No text came through."));
  std::ofstream(path_) << "{\"text\": \"Zebulon\"}\n";
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Line 1"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("Zebulon")));
  path_ = "/nowhere";
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"--policy", "no_such"}), 2);
}

}  // namespace
}  // namespace freshet
