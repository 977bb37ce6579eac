#include "services/deid/batch.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace freshet::deid {
namespace {

using nlohmann::json;

std::vector<json> Cleaned(const std::string& lines, const DeidBatchOptions& options = {}) {
  std::istringstream in(lines);
  std::ostringstream out;
  const Status status = RunDeidBatch(in, out, options);
  EXPECT_TRUE(status.ok()) << status.ToString();
  std::vector<json> results;
  std::istringstream split(out.str());
  for (std::string line; std::getline(split, line);) results.push_back(json::parse(line));
  return results;
}

Status StatusOf(const std::string& lines, const DeidBatchOptions& options = {}) {
  std::istringstream in(lines);
  std::ostringstream out;
  return RunDeidBatch(in, out, options);
}

class RosterFile {
 public:
  explicit RosterFile(std::string_view content) : path_(testing::TempDir() + "identities.jsonl") {
    std::ofstream(path_) << content;
  }
  ~RosterFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Batch, OneLineOutForEachLineIn) {
  const auto results = Cleaned("{\"id\":\"a\",\"text\":\"Dr. Quill, MRN 471183.\"}\n\n{\"id\":7,\"text\":\"fine\"}\n");
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0]["id"], "a");
  EXPECT_EQ(results[0]["output"], "Dr. [NAME], MRN [MRN].");
  EXPECT_EQ(results[0]["action"], "forward");
  ASSERT_EQ(results[0]["spans"].size(), 2u);
  EXPECT_EQ(results[0]["spans"][0]["start"], 4);
  EXPECT_EQ(results[0]["spans"][0]["end"], 9);
  EXPECT_EQ(results[0]["spans"][0]["type"], "NAME");
  EXPECT_EQ(results[0]["spans"][0]["detector"], "name/title");
  EXPECT_EQ(results[0]["spans"][0]["score"], 0.95);
  EXPECT_EQ(results[1]["id"], 7);
  EXPECT_EQ(results[1]["output"], "fine");
  EXPECT_EQ(results[1]["spans"], json::array());
  EXPECT_LT(results[1]["risk"], 0.03);
}

TEST(Batch, PlacesAreCodePointsOfTheInput) {
  const json line = {{"id", "a"},
                     {"text",
                      "\xEF\xBB\xBF"
                      "é😀\r\nDr. Žofák,\r\nMRN 471183"}};
  const auto results = Cleaned(line.dump() + "\n");
  const json& spans = results[0]["spans"];
  ASSERT_EQ(spans.size(), 2u);
  // U+FEFF é 😀 \r \n D r . blank = 9 code points before the name.
  EXPECT_EQ(spans[0]["start"], 9);
  EXPECT_EQ(spans[0]["end"], 14);
  EXPECT_EQ(spans[1]["start"], 21);
  EXPECT_EQ(spans[1]["end"], 27);
}

TEST(Batch, DoubtIsRisk) {
  const auto results = Cleaned("{\"id\":1,\"text\":\"code 555-0123\"}\n");
  EXPECT_EQ(results[0]["output"], "code 555-0123");
  EXPECT_NEAR(results[0]["risk"].get<double>(), 0.4, 0.1);
}

TEST(Batch, WhatTheStageSkipsSaysItsCode) {
  const auto results = Cleaned("{\"id\":1,\"text\":\" \"}\n{\"id\":2,\"text\":\"x\",\"media_type\":\"image/png\"}\n");
  EXPECT_EQ(results[0]["action"], "empty_document");
  EXPECT_EQ(results[1]["action"], "unsupported_media_type");
  EXPECT_EQ(results[1]["output"], "");
}

TEST(Batch, MarkdownAndPolicy) {
  const std::string line =
      R"({"id":1,"text":"# Visit\n\nSeen **03/04/2021** by Dr. Quill","media_type":"text/markdown"})";
  EXPECT_EQ(Cleaned(line + "\n")[0]["output"], "Visit\n\nSeen [DATE] by Dr. [NAME]");
  EXPECT_EQ(Cleaned(line + "\n", {.policy = "limited_data_set"})[0]["output"],
            "Visit\n\nSeen 03/04/2021 by Dr. [NAME]");
  EXPECT_EQ(Cleaned(line + "\n", {.policy = "none"})[0]["output"], "Visit\n\nSeen 03/04/2021 by Dr. Quill");
}

TEST(Batch, TheRosterFindsItsPatients) {
  const RosterFile roster(
      R"({"patient":"p1","names":[{"given":["Tuva"],"family":"Ostrander"}],"birth_date":"1961-03-04"}
{"patient":"p2","names":[{"given":["Ole"],"family":"Fennimore"}],"identifiers":[{"kind":"mrn","value":"8-8123-44"}]}
)");
  const auto results = Cleaned(
      "{\"id\":1,\"text\":\"Ostrander met Ole Fennimore, 8812344\",\"patients\":[\"p1\"]}\n"
      "{\"id\":2,\"text\":\"The plumber met Ole Fennimore\"}\n",
      {.roster_path = roster.path()});
  EXPECT_EQ(results[0]["output"], "[NAME] met [NAME], [MRN]");
  EXPECT_EQ(results[1]["output"], "The plumber met [NAME]");
}

TEST(Batch, RefusesWhatItCannotRead) {
  EXPECT_EQ(StatusOf("", {.policy = "strict"}).code(), Code::kConfiguration);
  EXPECT_EQ(StatusOf("", {.roster_path = "/nonexistent/roster"}).code(), Code::kConfiguration);
  for (const char* line :
       {"x", "[]", "{}", "{\"id\":1}", "{\"id\":1,\"text\":2}", "{\"id\":1,\"text\":\"\",\"patients\":[3]}"}) {
    const Status status = StatusOf(std::string("{\"id\":1,\"text\":\"ok\"}\n") + line + "\n");
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << line;
    EXPECT_EQ(status.message().substr(0, 6), "Line 2") << "coordinates, not content";
  }
  const RosterFile broken("{\"patient\":\"p1\"}\n{\"names\":[]}\n");
  const Status status = StatusOf("", {.roster_path = broken.path()});
  EXPECT_EQ(status.code(), Code::kConfiguration);
  EXPECT_NE(status.message().find("line 2"), std::string::npos);
}

TEST(Batch, IdentityLines) {
  const auto change = ParseIdentityLine(
      R"({"patient":"p1","identity":"maiden","names":[{"given":["Ada","M"],"family":"Quill","prefix":"Dr."}],
          "identifiers":[{"kind":"mrn","value":"1"}],"birth_date":"1961-03-04","addresses":["a"],"telecoms":["t"],
          "retracted":true,"merged_into":"p2","unmerged_from":"p3"})");
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->patient, PatientId("p1"));
  EXPECT_EQ(change->identity, "maiden");
  EXPECT_EQ(change->names[0].given, (std::vector<std::string>{"Ada", "M"}));
  EXPECT_EQ(change->names[0].prefix, "Dr.");
  EXPECT_EQ(change->identifiers[0].kind, "mrn");
  EXPECT_TRUE(change->retracted);
  EXPECT_EQ(change->merged_into, PatientId("p2"));
  EXPECT_EQ(change->unmerged_from, PatientId("p3"));
  for (const char* bad :
       {"", "{}", "{\"patient\":3}", "{\"patient\":\"p\",\"names\":{}}", "{\"patient\":\"p\",\"names\":[3]}",
        "{\"patient\":\"p\",\"telecoms\":[3]}", "{\"patient\":\"p\",\"retracted\":\"yes\"}"}) {
    EXPECT_EQ(ParseIdentityLine(bad).code(), Code::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace freshet::deid
