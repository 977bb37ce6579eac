#include "services/freshet/generation_policies.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

const CollectionName kNotes("notes");

// An index that is only asked for its generations.
class Listing final : public store::IndexReader {
 public:
  std::shared_ptr<const store::View> CurrentView() const override { return nullptr; }
  Offset NextOffset(Stream, Partition) const override { return {}; }
  std::map<std::pair<Stream, Partition>, store::Account> Accounts() const override { return {}; }
  std::vector<store::HeldDeletes> Held() const override { return {}; }
  std::map<SourceName, std::map<Code, uint64_t>> Skipped() const override { return {}; }
  void ForEachDocument(const std::function<bool(const store::KnownDocument&)>&) const override {}
  std::vector<store::GenerationInfo> Generations() const override {
    ++asked;
    return rows;
  }
  void Add(uint32_t number, std::string recipe) {
    rows.push_back({.collection = kNotes, .number = number, .recipe = std::move(recipe)});
  }

  std::vector<store::GenerationInfo> rows;
  mutable int asked = 0;
};

TEST(GenerationPoliciesTest, SaysOfEachGenerationWhatItsRecipeSays) {
  Listing index;
  index.Add(1, "m 200/256 notes=safe_harbor");
  const ManualClock clock{Time()};
  const GenerationPolicies policies(index, clock, {{kNotes, {"safe_harbor", "limited_data_set"}}});
  EXPECT_EQ(policies.Of(kNotes, 1), "safe_harbor");
  EXPECT_EQ(policies.Of(kNotes, 1), "safe_harbor");
  EXPECT_EQ(index.asked, 1) << "a number's recipe stays";
  index.Add(2, "m 200/256 notes=limited_data_set");
  EXPECT_EQ(policies.Of(kNotes, 2), "limited_data_set") << "one that has come since";
  EXPECT_EQ(index.asked, 2);
  EXPECT_EQ(policies.Of(kNotes, 0), "");
  EXPECT_EQ(index.asked, 2) << "a collection that has no document yet costs each question nothing";
}

TEST(GenerationPoliciesTest, WhatIsNotKnownIsNotGuessed) {
  Listing index;
  index.Add(1, "m 200/256");
  index.Add(2, "m 200/256 notes=withdrawn");
  ManualClock clock{Time()};
  const GenerationPolicies policies(index, clock, {{kNotes, {"safe_harbor"}}});
  for (const uint32_t number : {1u, 2u, 3u}) EXPECT_EQ(policies.Of(kNotes, number), "") << number;
  EXPECT_EQ(policies.Of(CollectionName("others"), 1), "");
  index.rows[0].recipe = "m 200/256 notes=safe_harbor";  // the writer has come to it
  const int asked = index.asked;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(policies.Of(kNotes, 1), "");
  EXPECT_EQ(index.asked, asked) << "each number in vain is not each search's work";
  clock.Advance(GenerationPolicies::kAskAgain);
  EXPECT_EQ(policies.Of(kNotes, 1), "safe_harbor");
}

}  // namespace
}  // namespace freshet
