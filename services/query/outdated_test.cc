// What was made under another policy, or by another model, than the ones in force.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using freshet::testing::TestIndex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kFalls = "# Falls\n\nKeep the floor dry.\n";

// DESIGN §4.8: what another policy let through may be what this one would not.
TEST(QueryEnginePolicy, WhatAnotherPolicyMadeIsNotShown) {
  TestIndex index({.policies = {{CollectionName("policies"), "safe_harbor"}}});
  index.Allow("open", {"group:everyone"});
  index.Put({.id = "falls.md", .text = kFalls});  // made under `none`
  index.Beat();
  index.Show();
  const auto answer = index.engine->Search(TestIndex::CallerOf("ada"), {.query = "floor"}, "");
  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(answer->hits, IsEmpty());
  EXPECT_THAT(answer->warnings, ElementsAre(HasSubstr("policy_outdated")));
}

// Where a collection has generations of two policies, the one that is served says which is in force.
TEST(QueryEnginePolicy, TheGenerationThatIsServedSaysWhichPolicyIsInForce) {
  TestIndex index({.policies = {{CollectionName("policies"), "safe_harbor"}}});
  index.Allow("open", {"group:everyone"});
  index.Put({.id = "falls.md", .text = kFalls});  // made under `none`
  index.Beat();
  index.Show();
  std::string of_generation;
  QueryEngineOptions options = index.engine->options();
  options.policy_of = [&](const CollectionName& collection, uint32_t generation) {
    EXPECT_EQ(collection, CollectionName("policies"));
    EXPECT_EQ(generation, 1u);
    return of_generation;
  };
  const QueryEngine engine(
      std::move(options), [&] { return index.engine->view(); }, freshet::testing::TestKeys(),
      std::make_shared<model::HashingEmbedder>(), index.clock);
  for (const auto& [policy, hits] : std::map<std::string, size_t>{{"none", 1}, {"safe_harbor", 0}, {"", 0}}) {
    of_generation = policy;
    const auto answer = engine.Search(TestIndex::CallerOf("ada"), {.query = "floor"}, "");
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->hits.size(), hits) << policy;
  }
}

// As long, but not comparable.
class OtherModel final : public model::Embedder {
 public:
  std::string_view name() const override { return "other"; }
  uint32_t dimensions() const override { return inner_.dimensions(); }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, model::Priority) const override {
    return inner_.Embed(texts);
  }

 private:
  model::HashingEmbedder inner_;
};

TEST(QueryEngineModel, VectorsOfAnotherModelAreNotCompared) {
  TestIndex index({.embedder = std::make_shared<OtherModel>()});
  index.Allow("open", {"group:everyone"});
  index.Put({.id = "falls.md", .text = kFalls});  // with the hashing embedder's vectors
  index.Beat();
  index.Show();
  for (const Mode mode : {Mode::kHybrid, Mode::kVector}) {
    const auto answer = index.engine->Search(TestIndex::CallerOf("ada"), {.query = "floor", .mode = mode}, "");
    ASSERT_TRUE(answer.ok());
    ASSERT_FALSE(answer->hits.empty()) << "by its words";
    EXPECT_FALSE(answer->hits[0].vector.has_value());
    EXPECT_THAT(answer->warnings, ElementsAre(HasSubstr("no_vectors")));
  }
}

}  // namespace
}  // namespace freshet::query
