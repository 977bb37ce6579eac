// freshet deid|chunk|embed batch, freshet pipeline describe: what a script gets on standard output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/crypto/keys.h"
#include "services/freshet/command.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class BatchCommandTest : public testing::Test {
 protected:
  int Run(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    out_.str("");
    err_.str("");
    Terminal terminal{in, out_, err_};
    return static_cast<int>(RunCommandLine(AllCommands(), arguments, terminal));
  }
  std::string File(const std::string& name, const std::string& content) {
    const std::string path = testing::TempDir() + "/" + name;
    std::ofstream(path) << content;
    return path;
  }

  std::ostringstream out_, err_;
};

TEST_F(BatchCommandTest, DeidSaysWhatItFoundInCodePointsOfTheInput) {
  ASSERT_EQ(Run({"deid", "batch"}, "{\"id\": 7, \"text\": \"\u00e9\u00e9 call 617-555-0100 now\"}\n"), 0) << err_.str();
  const Json row = Json::parse(out_.str());
  EXPECT_EQ(row["id"], 7);
  EXPECT_EQ(row["output"], "\u00e9\u00e9 call [PHONE] now");
  ASSERT_EQ(row["spans"].size(), 1u);
  EXPECT_EQ(row["spans"][0]["start"], 8);
  EXPECT_EQ(row["spans"][0]["end"], 20);
  EXPECT_EQ(row["spans"][0]["type"], "PHONE");
  EXPECT_EQ(row["action"], "forward");
}

TEST_F(BatchCommandTest, DeidKnowsThePatientsOfItsRoster) {
  const std::string roster =
      File("identities.jsonl", R"({"patient": "p1", "names": [{"given": ["Zebulon"], "family": "Quillfeather"}]})"
                               "\n");
  const std::string input = R"({"id": 1, "text": "quillfeather slept well", "patients": ["p1"]})"
                            "\n";
  ASSERT_EQ(Run({"deid", "batch", "--roster", roster}, input), 0) << err_.str();
  EXPECT_THAT(Json::parse(out_.str())["output"].get<std::string>(), Not(HasSubstr("quillfeather")));
  ASSERT_EQ(Run({"deid", "batch", "--policy", "none"}, input), 0);
  EXPECT_EQ(Json::parse(out_.str())["output"], "quillfeather slept well");
}

TEST_F(BatchCommandTest, WhatIsWrongIsStatusTwoAndNoContent) {
  EXPECT_EQ(Run({"deid", "batch", "--policy", "safe_habor"}), 2);
  EXPECT_EQ(Run({"deid", "batch", "--roster", "/nowhere"}), 2);
  EXPECT_EQ(Run({"deid", "batch"}, "{\"text\": \"Zebulon\"}\n"), 2);
  EXPECT_THAT(err_.str(), HasSubstr("ine 1"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("Zebulon")));
  EXPECT_EQ(Run({"chunk", "batch", "--embedder", "hashing"}, "Zebulon\n"), 2);
  EXPECT_EQ(Run({"embed", "batch", "--embedder", "hashing"}, "[]\n"), 2);
  EXPECT_EQ(Run({"embed", "batch", "--embedder", "no_such"}, ""), 2);
}

TEST_F(BatchCommandTest, ChunksHaveTheirSectionsAndPlaces) {
  const Json input = {
      {"id", "a"}, {"text", "# Plan\n\nRest and water.\n\n# Diet\n\nNo salt.\n"}, {"media_type", "text/markdown"}};
  ASSERT_EQ(Run({"chunk", "batch", "--embedder", "hashing"}, input.dump() + "\n"), 0) << err_.str();
  const Json chunks = Json::parse(out_.str())["chunks"];
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0]["section"], Json({"Plan"}));
  EXPECT_EQ(chunks[1]["text"], "No salt.");
  EXPECT_EQ(chunks[1]["end"].get<int>() - chunks[1]["start"].get<int>(), 8);
}

TEST_F(BatchCommandTest, WhatThePipelineWouldSkipIsNamedByItsCode) {
  const Json input = {{"id", "a"}, {"text", "x"}, {"media_type", "image/png"}};
  ASSERT_EQ(Run({"chunk", "batch", "--embedder", "hashing"}, input.dump() + "\n"), 0);
  EXPECT_EQ(Json::parse(out_.str())["error"], "unsupported_media_type");
}

TEST_F(BatchCommandTest, VectorsAreOneALineInOrderAndOfLengthOne) {
  ASSERT_EQ(Run({"embed", "batch", "--embedder", "hashing"},
                "{\"id\": 1, \"text\": \"fever\"}\n{\"id\": 2, \"text\": \"\"}\n"),
            0);
  std::istringstream lines(out_.str());
  std::string line;
  for (int id = 1; id <= 2; ++id) {
    ASSERT_TRUE(std::getline(lines, line));
    const Json row = Json::parse(line);
    EXPECT_EQ(row["id"], id);
    double square = 0;
    for (const double x : row["embedding"]) square += x * x;
    EXPECT_NEAR(square, id == 1 ? 1 : square, 1e-5);
    EXPECT_EQ(row["embedding"].size(), 384u);
  }
}

TEST_F(BatchCommandTest, ThePipelineIsDrawnAsTheFileHasIt) {
  ASSERT_EQ(Run({"pipeline", "describe"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("in memory"));
  File("tenant.key", KeyRing::NewKeyLine());
  const std::string file = File("freshet.yaml",
                                "tenant: a\ndata_dir: data\nkeys: {tenant: \"${FILE:tenant.key}\"}\n"
                                "pipeline: {fuse: false}\nembedder: {kind: hashing}\n");
  ASSERT_EQ(Run({"pipeline", "describe", "--config", file}), 0) << err_.str();
  EXPECT_THAT(out_.str(), Not(HasSubstr("in memory")));
  EXPECT_THAT(out_.str(), HasSubstr("topics chunks.live, chunks.backfill"));
}

}  // namespace
}  // namespace freshet
