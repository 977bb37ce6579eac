#include "services/chunk/batch.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/model/words_counter.h"
#include "tests/support/clean_documents.h"

namespace freshet::chunk {
namespace {

Result<CleanDocument> Parse(std::string_view text, std::string_view media_type) {
  if (media_type == "application/x-unknown") return Status(Code::kUnsupportedMediaType);
  if (media_type == "application/x-halt") return Status(Code::kKeyMissing);
  CleanFields fields = media_type == "text/markdown" ? testing::Outline(text) : CleanFields{.text = std::string(text)};
  fields.title = "T";
  return testing::MakeClean(fields);
}

struct Answer {
  Status status;
  std::string out;
};

Answer RunOn(const std::string& input) {
  const model::WordsCounter counter;
  auto chunker = Chunker::Make({}, counter);
  std::istringstream in(input);
  std::ostringstream out;
  Status status = RunChunkBatch(in, out, **chunker, Parse);
  return {std::move(status), out.str()};
}

TEST(ChunkBatchTest, WritesALineOfChunksForEachText) {
  const Answer run = RunOn(R"({"id":"a","text":"# Plan\n\nFièvre: rest.\n","media_type":"text/markdown"})"
                           "\n\n"
                           R"({"id":7,"text":""})"
                           "\n");
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  std::istringstream lines(run.out);
  std::string first, second, none;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_FALSE(std::getline(lines, none));
  const auto row = nlohmann::json::parse(first);
  EXPECT_EQ(row["id"], "a");
  ASSERT_EQ(row["chunks"].size(), 1u);
  const auto& chunk = row["chunks"][0];
  EXPECT_EQ(chunk["ordinal"], 0);
  EXPECT_EQ(chunk["text"], "Fièvre: rest.");
  EXPECT_EQ(chunk["context"], "T > Plan");
  EXPECT_EQ(chunk["section"], nlohmann::json::array({"Plan"}));
  EXPECT_EQ(chunk["start"], 6);
  EXPECT_EQ(chunk["end"], 19);  // code points: the accent is one
  EXPECT_EQ(chunk["tokens"], 7);
  EXPECT_EQ(chunk["hash"], ToHex(AsBytes(HashOf("T > Plan\nFièvre: rest."))));
  EXPECT_EQ(second, R"({"id":7,"chunks":[]})");
}

TEST(ChunkBatchTest, ADocumentThatIsSkippedSaysWhyAndTheRestGoesOn) {
  const Answer run = RunOn(R"({"id":1,"text":"x","media_type":"application/x-unknown"})"
                           "\n"
                           R"({"id":2,"text":""})");
  EXPECT_TRUE(run.status.ok());
  EXPECT_EQ(run.out, "{\"id\":1,\"error\":\"unsupported_media_type\"}\n{\"id\":2,\"chunks\":[]}\n");
}

TEST(ChunkBatchTest, ALineThatIsNoSuchObjectEndsTheRunWithItsNumber) {
  for (const char* line : {"{", "[]", "7", R"({"id":1})", R"({"text":"x"})", R"({"id":1,"text":2})",
                           R"({"id":1,"text":"x","media_type":3})", "{\"id\":1,\"text\":\"\xFF\"}"}) {
    const Answer run = RunOn(std::string(R"({"id":0,"text":""})") + "\n" + line + "\n");
    EXPECT_EQ(run.status.code(), Code::kInvalidArgument) << line;
    EXPECT_NE(run.status.message().find("line 2"), std::string::npos) << line;
    EXPECT_EQ(run.out, "{\"id\":0,\"chunks\":[]}\n");
  }
}

TEST(ChunkBatchTest, WhatIsNotTheTextsFaultEndsTheRun) {
  EXPECT_EQ(RunOn(R"({"id":1,"text":"x","media_type":"application/x-halt"})").status.code(), Code::kKeyMissing);
}

}  // namespace
}  // namespace freshet::chunk
