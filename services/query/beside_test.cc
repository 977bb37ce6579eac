// Two models at once: a collection is asked by the one that made its vectors (QueryEngineOptions::beside).
#include <gtest/gtest.h>

#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using testing::NamesOf;
using testing::TestIndex;
using testing::TestKeys;

// Of another name than what made the test's vectors; counts what it is asked.
class OtherModel final : public model::Embedder {
 public:
  std::string_view name() const override { return "other"; }
  uint32_t dimensions() const override { return 2; }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, model::Priority) const override {
    ++asked;
    return model::EmbeddingBatch{2, std::vector<float>(2 * texts.size(), 0.7f)};
  }
  mutable int asked = 0;
};

class BesideTest : public ::testing::Test {
 protected:
  BesideTest() {
    index_.Allow("open", {"group:everyone"});
    index_.Put({.id = "falls", .text = "Keep the floor dry.\n"});
    index_.Beat();
    index_.Show();
  }
  Result<SearchResponse> Ask(std::shared_ptr<const model::Embedder> first,
                             std::shared_ptr<const model::Embedder> beside, Mode mode = Mode::kVector) {
    QueryEngineOptions options = index_.engine->options();
    options.beside = std::move(beside);
    const QueryEngine engine(
        std::move(options), [this] { return index_.engine->view(); }, TestKeys(), std::move(first), index_.clock);
    return engine.Search(TestIndex::CallerOf("ada"),
                         {.query = "floor", .collections = {CollectionName("policies")}, .mode = mode}, "trace");
  }

  TestIndex index_;
  const std::shared_ptr<const model::Embedder> hashing_ = std::make_shared<model::HashingEmbedder>();
  const std::shared_ptr<OtherModel> other_ = std::make_shared<OtherModel>();
};

TEST_F(BesideTest, TheModelThatMadeTheVectorsIsAskedAndNoOther) {
  for (const bool first : {true, false}) {
    const auto answer = first ? Ask(hashing_, other_) : Ask(other_, hashing_);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(NamesOf(*answer), "falls@1");
    EXPECT_TRUE(answer->hits[0].vector.has_value());
    EXPECT_TRUE(answer->warnings.empty());
    EXPECT_EQ(answer->collections[0].generation, 1u);
  }
  EXPECT_EQ(other_->asked, 0);
}

TEST_F(BesideTest, WithoutThatModelTheAnswerIsLexicalAndSaysSo) {
  for (const auto& beside :
       {std::shared_ptr<const model::Embedder>(), std::shared_ptr<const model::Embedder>(other_)}) {
    const auto answer = Ask(other_, beside);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(NamesOf(*answer), "falls@1");
    ASSERT_EQ(answer->warnings.size(), 1u);
    EXPECT_NE(answer->warnings[0].find("another model"), std::string::npos);
  }
  EXPECT_TRUE(Ask(other_, nullptr, Mode::kLexical)->warnings.empty());
}

}  // namespace
}  // namespace freshet::query
