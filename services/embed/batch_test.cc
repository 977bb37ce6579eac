#include "services/embed/batch.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/model/hashing_embedder.h"

namespace freshet::embed {
namespace {

using nlohmann::json;

// Knows token ids, as models with a vocabulary do.
class IdsEmbedder final : public model::Embedder {
 public:
  std::string_view name() const override { return "ids"; }
  uint32_t dimensions() const override { return 2; }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, model::Priority) const override {
    model::EmbeddingBatch batch{.dimensions = 2};
    for (size_t i = 0; i < texts.size(); ++i) {
      batch.values.push_back(0.6f);
      batch.values.push_back(-0.8f);
    }
    return batch;
  }
  std::vector<uint32_t> TokenIds(std::string_view text) const override {
    return {101, static_cast<uint32_t>(text.size()), 102};
  }
};

struct Answer {
  Status status;
  std::string out;
};

Answer RunOn(const std::string& input, const model::Embedder& embedder) {
  std::istringstream in(input);
  std::ostringstream out;
  Status status = RunEmbedBatch(in, out, embedder);
  return {std::move(status), out.str()};
}

TEST(EmbedBatchTest, WritesIdsAndTheShortestNumbersThatReadBack) {
  const Answer answer = RunOn("{\"id\":\"é\",\"text\":\"four\"}\n\n{\"id\":{\"n\":2},\"text\":\"\"}", IdsEmbedder());
  ASSERT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.out,
            "{\"id\":\"é\",\"ids\":[101,4,102],\"embedding\":[0.6,-0.8]}\n"
            "{\"id\":{\"n\":2},\"ids\":[101,0,102],\"embedding\":[0.6,-0.8]}\n");
}

TEST(EmbedBatchTest, ManyLinesKeepTheirOrderAndTheVectorsOfThePipeline) {
  std::string input;
  for (int i = 0; i < 200; ++i) input += json{{"id", i}, {"text", "fever " + std::to_string(i)}}.dump() + "\n";
  const model::HashingEmbedder embedder;
  const Answer answer = RunOn(input, embedder);
  ASSERT_TRUE(answer.status.ok());
  std::istringstream lines(answer.out);
  int row = 0;
  for (std::string line; std::getline(lines, line); ++row) {
    const json parsed = json::parse(line);
    ASSERT_EQ(parsed["id"], row);
    EXPECT_TRUE(parsed["ids"].empty());
    const std::string text = "fever " + std::to_string(row);
    const std::vector<std::string_view> texts = {text};
    EXPECT_EQ(parsed["embedding"].get<std::vector<float>>(), embedder.Embed(texts)->values);
  }
  EXPECT_EQ(row, 200);
}

TEST(EmbedBatchTest, ALineThatIsNoSuchObjectEndsTheRunAfterWhatCameBeforeIt) {
  for (const char* line : {"{", "[]", R"({"id":1})", R"({"text":"x"})", R"({"id":1,"text":2})"}) {
    const Answer answer = RunOn(std::string("{\"id\":0,\"text\":\"\"}\n") + line, IdsEmbedder());
    EXPECT_EQ(answer.status.code(), Code::kInvalidArgument) << line;
    EXPECT_NE(answer.status.message().find("line 2"), std::string::npos);
    EXPECT_EQ(answer.out, "{\"id\":0,\"ids\":[101,0,102],\"embedding\":[0.6,-0.8]}\n");
  }
}

}  // namespace
}  // namespace freshet::embed
