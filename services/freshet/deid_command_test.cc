// freshet deid explain, freshet deid plan: what a privacy officer reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "services/freshet/command.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class DeidCommandTest : public testing::Test {
 protected:
  int Run(std::vector<std::string> arguments, bool colour = false) {
    std::istringstream in(input_);
    out_.str("");
    err_.str("");
    Terminal terminal{in, out_, err_, colour};
    return static_cast<int>(RunCommandLine(AllCommands(), arguments, terminal));
  }
  std::string File(const std::string& name, const std::string& content) {
    const std::string path = testing::TempDir() + "/" + name;
    std::ofstream(path) << content;
    return path;
  }

  std::string input_;
  std::ostringstream out_, err_;
};

TEST_F(DeidCommandTest, ExplainShowsEachDecision) {
  const std::string note = File("note.txt", "Mrs. Quillfeather,\n  call 617-555-0100.\n");
  ASSERT_EQ(Run({"deid", "explain", note}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("Mrs. {Quillfeather => [NAME]},\n  call {617-555-0100 => [PHONE]}."));
  EXPECT_THAT(out_.str(), HasSubstr("Policy safe_harbor@1. Forwarded"));
  ASSERT_EQ(Run({"deid", "explain", note}, true), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[31mQuillfeather"));
  ASSERT_EQ(Run({"deid", "explain", note, "--json"}), 0);
  const Json json = Json::parse(out_.str());
  EXPECT_EQ(json["decisions"][0]["text"], "Quillfeather");
  EXPECT_EQ(json["decisions"][0]["action"], "placeholder");
  EXPECT_FALSE(json["decisions"][0]["evidence"].empty());
}

TEST_F(DeidCommandTest, ExplainWritesAPageThatOnlyItsOwnerReads) {
  const std::string note = File("note.txt", "Mrs. Quill\x1b[2Jfeather called <b>617-555-0100</b>.");
  const std::string page = testing::TempDir() + "/page.html";
  ASSERT_EQ(Run({"deid", "explain", note, "--html", page}), 0) << err_.str();
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b[2J"))) << "a document steers no terminal";
  struct stat status {};
  ASSERT_EQ(::stat(page.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  std::ifstream file(page);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(text, HasSubstr("<ins"));
}

TEST_F(DeidCommandTest, SurrogatesComeFromAKeyFile) {
  const std::string policy = File("research.yaml",
                                  "name: research\nversion: 1\ndefault: {action: surrogate}\n"
                                  "identifiers: {date: {action: shift}}\n");
  const std::string keys = File("k.key", "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
  const std::string note = File("note.txt", "Mrs. Quillfeather was seen on 3/31/2021.");
  ASSERT_EQ(Run({"deid", "explain", note, "--policy", policy, "--keys", keys, "--patients", "p1", "--json"}), 0)
      << err_.str();
  const std::string output = Json::parse(out_.str())["output"];
  EXPECT_THAT(output, Not(HasSubstr("Quillfeather")));
  EXPECT_THAT(output, Not(HasSubstr("3/31/2021")));
  EXPECT_THAT(output, Not(HasSubstr("[")));
  // The same as the batch makes of the same text.
  input_ = R"({"id": 1, "text": "Mrs. Quillfeather was seen on 3/31/2021.", "patients": ["p1"]})";
  ASSERT_EQ(Run({"deid", "batch", "--policy", policy, "--keys", keys}), 0) << err_.str();
  EXPECT_EQ(Json::parse(out_.str())["output"], output);
}

TEST_F(DeidCommandTest, PlanTellsWhatAPolicyWouldChange) {
  input_ = "{\"id\": 1, \"text\": \"Seen on 3/31/2021.\"}\n{\"id\": 2, \"text\": \"Well.\"}\n";
  ASSERT_EQ(Run({"deid", "plan", "--policy", "limited_data_set"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("DATE: placeholder 0.50 -> keep 0.50"));
  EXPECT_THAT(out_.str(), HasSubstr("1 of 2 documents would change"));
  ASSERT_EQ(Run({"deid", "plan", "--policy", "limited_data_set", "--json"}), 0);
  EXPECT_EQ(Json::parse(out_.str())["changed"], 1);
}

TEST_F(DeidCommandTest, WhatIsWrongIsStatusTwoWithFileAndLine) {
  const std::string note = File("note.txt", "Well.");
  const std::string policy = File("bad.yaml", "name: bad\nversion: 1\nidentifers: {}\n");
  EXPECT_EQ(Run({"deid", "explain", note, "--policy", policy}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("bad.yaml:3: unknown key"));
  EXPECT_EQ(Run({"deid", "explain", "/nowhere"}), 2);
  EXPECT_EQ(Run({"deid", "explain", note, "--keys", "/nowhere"}), 2);
  EXPECT_EQ(Run({"deid", "explain", note, "--html", "/nowhere/page.html"}), 2);
  EXPECT_EQ(Run({"deid", "plan", "--policy", "no_such"}), 2);
  EXPECT_EQ(Run({"deid", "plan"}), 2);
}

}  // namespace
}  // namespace freshet
