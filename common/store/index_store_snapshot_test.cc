// Snapshots of a source: what the end of one deletes, and what it does not.
#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

const std::set<std::string> kAda = {"user:ada"};

class IndexStoreSnapshot : public ::testing::Test {
 protected:
  IndexStoreSnapshot() : store_(1) {
    std::vector<Mutation> mutations = {Allow("open", 1, {"group:everyone"})};
    for (int i = 0; i < 40; ++i) mutations.push_back(Put(NameOf(i), 1, {"words"}));
    store_.Show(std::move(mutations));
  }

  static std::string NameOf(int i) { return "d" + std::to_string(10 + i); }
  void Begin(uint64_t version) { store_.ApplyOnEach(kBackfillStream, BeginSnapshot{V(version)}); }
  void End(uint64_t version) {
    store_.ApplyOnEach(kBackfillStream, EndSnapshot{V(version)});
    EXPECT_TRUE(store_->Refresh().ok());
  }
  void Mention(int from, int to, uint64_t version) {
    std::vector<Mutation> mutations;
    for (int i = from; i < to; ++i) mutations.push_back(Present(NameOf(i), version));
    store_.Apply(std::move(mutations));
  }
  uint64_t Documents() { return store_->CurrentView()->DocumentCount(kPolicies); }
  uint64_t Held() {
    const auto held = store_->Held();
    return held.empty() ? 0 : held.front().documents;
  }

  TestStore store_;
};

TEST_F(IndexStoreSnapshot, DeletesWhatItDidNotMention) {
  Begin(5);
  Mention(0, 36, 5);
  store_.Apply({Put(NameOf(36), 6, {"words"}), Skip(NameOf(37), 6)});
  EXPECT_TRUE(store_->CurrentView()->Times().empty() == false);
  End(5);
  EXPECT_EQ(Documents(), 38u);
  EXPECT_EQ(store_.StateOf(NameOf(38)), "deleted@5");
  EXPECT_EQ(store_.StateOf(NameOf(37)), "outdated@1 of 6 malformed_document");
  EXPECT_EQ(store_.Apply(Put(NameOf(38), 5, {"words"})).outcome, Outcome::kSuperseded);
}

TEST_F(IndexStoreSnapshot, WhatArrivesLaterAndIsOlderIsGoneToo) {
  Begin(5);
  Mention(0, 40, 5);
  End(5);
  EXPECT_EQ(store_.Apply(Put("late", 4, {"words"})).outcome, Outcome::kSuperseded);
  EXPECT_EQ(store_.Apply(Skip("late", 4)).outcome, Outcome::kSuperseded);
  Begin(8);  // while the next one is open, the last one still counts
  store_.Reopen();
  EXPECT_EQ(store_.Apply(Put("late", 4, {"words"})).outcome, Outcome::kSuperseded);
  EXPECT_EQ(store_.Apply(Put("late", 5, {"words"})).outcome, Outcome::kIndexed);
  EXPECT_EQ(store_.Apply(Put(NameOf(0), 2, {"words"})).outcome, Outcome::kIndexed) << "it was mentioned";
}

TEST_F(IndexStoreSnapshot, WaitsForTheEndOnEveryPartition) {
  Begin(5);
  Mention(0, 39, 5);
  EXPECT_TRUE(store_->Refresh().ok());
  EXPECT_TRUE(store_->CurrentView()->Times().at(kSource).snapshot_open);
  Mutation end = Of("", 0, EndSnapshot{V(5)});
  end.position = {kBackfillStream, Partition(0), Offset(UINT64_MAX)};
  store_.Show({end});
  EXPECT_EQ(Documents(), 40u);
  end.position.partition = Partition(1);
  store_.Show({end});
  EXPECT_EQ(Documents(), 39u);
  EXPECT_FALSE(store_->CurrentView()->Times().at(kSource).snapshot_open);
}

TEST_F(IndexStoreSnapshot, MentionsSurviveReopeningInTheMiddle) {
  Begin(5);
  Mention(0, 20, 5);
  store_.Reopen();
  Mention(20, 39, 5);
  End(5);
  EXPECT_EQ(Documents(), 39u);
}

TEST_F(IndexStoreSnapshot, AMentionInAnEarlierSnapshotCountsForThatOneOnly) {
  Begin(5);
  Mention(0, 40, 6);
  End(5);
  EXPECT_EQ(Documents(), 40u);
  Begin(8);
  Mention(0, 39, 9);
  Mention(39, 40, 6);  // delivered again
  End(8);
  EXPECT_EQ(Documents(), 39u);
}

TEST_F(IndexStoreSnapshot, ManyDeletesWaitForAPerson) {
  Begin(5);
  Mention(0, 20, 5);
  End(5);
  EXPECT_EQ(Documents(), 40u);
  EXPECT_EQ(Held(), 20u);
  store_.Reopen();
  EXPECT_EQ(Held(), 20u);
  // What came in meanwhile stays when the rest goes.
  store_.Apply({Put(NameOf(30), 7, {"words"})});
  store_.Show({Of("", 0, ConfirmDeletes{V(4)}), Of("", 0, ConfirmDeletes{V(6)}), Of("", 0, ConfirmDeletes{})});
  EXPECT_EQ(Held(), 20u) << "another snapshot's";
  store_.Show({Of("", 0, ConfirmDeletes{V(5)})});
  EXPECT_EQ(Documents(), 21u);
  EXPECT_EQ(Held(), 0u);
  EXPECT_EQ(store_.StateOf(NameOf(30)), "searchable@7");
}

TEST_F(IndexStoreSnapshot, ANewSnapshotDropsWhatTheOldOneHeld) {
  Begin(5);
  End(5);
  EXPECT_EQ(Held(), 40u);
  Begin(6);
  EXPECT_EQ(Held(), 0u);
  store_.Show({Of("", 0, ConfirmDeletes{V(5)})});
  EXPECT_EQ(Documents(), 40u);
  Mention(0, 40, 6);
  End(6);
  EXPECT_EQ(Documents(), 40u);
}

// A person has seen what one snapshot would delete: what they said of it says nothing of the next one, whenever it
// comes.
TEST_F(IndexStoreSnapshot, AConfirmThatComesLateLetsNoLaterSnapshotDelete) {
  Begin(5);
  End(5);
  Begin(8);
  End(8);
  EXPECT_EQ(Held(), 40u);
  store_.Show({Of("", 0, ConfirmDeletes{V(5)})});
  EXPECT_EQ(Documents(), 40u);
  EXPECT_EQ(Held(), 40u);
  EXPECT_EQ(store_->Held().front().begin, V(8));
  store_.Show({Of("", 0, ConfirmDeletes{V(8)})});
  EXPECT_EQ(Documents(), 0u);
  Begin(9);
  store_.Show({Put("new", 9, {"words"}), Of("", 0, ConfirmDeletes{V(8)})});
  EXPECT_EQ(Documents(), 1u) << "delivered again";
}

TEST_F(IndexStoreSnapshot, SkipsAreCountedForTheSourceTheyAreOf) {
  Mutation other = Skip("theirs", 2, Code::kBinaryContent);
  other.origin.source = SourceName("other");
  store_.Show({Skip(NameOf(0), 2), Skip(NameOf(1), 2), other});
  using Counts = std::map<SourceName, std::map<Code, uint64_t>>;
  const Counts expected = {{kSource, {{Code::kMalformedDocument, 2}}},
                           {other.origin.source, {{Code::kBinaryContent, 1}}}};
  EXPECT_EQ(store_->Skipped(), expected);
  store_.Show({Put(NameOf(0), 3, {"words"})});
  EXPECT_EQ(store_->Skipped().at(kSource).at(Code::kMalformedDocument), 1u) << "mended";
  store_.Reopen();
  EXPECT_EQ(store_->Skipped().at(kSource).at(Code::kMalformedDocument), 1u);
}

TEST_F(IndexStoreSnapshot, FewDeletesOfAFewDocumentsAreNotHeld) {
  TestStore small(2);
  small.Apply({Allow("open", 1, {"group:everyone"}), Put("a", 1, {"words"}), Put("b", 1, {"words"})});
  small.ApplyOnEach(kBackfillStream, BeginSnapshot{V(5)});
  small.ApplyOnEach(kBackfillStream, EndSnapshot{V(5)});
  EXPECT_TRUE(small->Refresh().ok());
  EXPECT_EQ(small->CurrentView()->DocumentCount(kPolicies), 0u) << "fewer than the guard's ten";
}

// What is much is each source's own matter.
TEST(IndexStoreSnapshotLimits, AreOfTheSource) {
  const auto held = [](IndexStoreOptions options) {
    TestStore store(3, std::move(options));
    std::vector<Mutation> mutations;
    for (int i = 0; i < 40; ++i) mutations.push_back(Put("d" + std::to_string(i), 1, {"words"}));
    store.Apply(std::move(mutations));
    store.ApplyOnEach(kBackfillStream, BeginSnapshot{V(5)});
    mutations.clear();
    for (int i = 0; i < 20; ++i) mutations.push_back(Present("d" + std::to_string(i), 5));
    store.Apply(std::move(mutations));
    store.ApplyOnEach(kBackfillStream, EndSnapshot{V(5)});
    return !store->Held().empty();
  };
  EXPECT_TRUE(held({}));
  EXPECT_FALSE(held({.mass_delete_of = {{kSource, {.documents = 20}}}}));
  EXPECT_FALSE(held({.mass_delete_of = {{kSource, {.share = 0.5}}}}));
  EXPECT_TRUE(held({.mass_delete_of = {{SourceName("other"), {.documents = 20}}}}));
  EXPECT_TRUE(held({.mass_delete = {.documents = 100}, .mass_delete_of = {{kSource, {.documents = 5, .share = 0.2}}}}));
}

TEST_F(IndexStoreSnapshot, LostRecordsMayHaveBeenMentions) {
  Begin(5);
  Mention(0, 39, 5);
  Mutation lost = Of("", 0, LoseRecords{.code = Code::kExpired, .count = 3});
  lost.position = {kBackfillStream, Partition(1), Offset(UINT64_MAX)};
  store_.Apply(lost);
  End(5);
  EXPECT_EQ(Documents(), 40u);
  EXPECT_EQ(Held(), 1u);
}

TEST_F(IndexStoreSnapshot, AnEndWithoutABeginDeletesNothingByItself) {
  End(5);
  EXPECT_EQ(Documents(), 40u);
  EXPECT_EQ(Held(), 40u);
}

TEST_F(IndexStoreSnapshot, OldEdgesChangeNothing) {
  Begin(5);
  Mention(0, 40, 5);
  End(4);
  Begin(4);
  End(5);
  End(5);
  EXPECT_EQ(Documents(), 40u);
  EXPECT_EQ(Held(), 0u);
}

TEST_F(IndexStoreSnapshot, OtherSourcesAreLeftAlone) {
  Mutation other = Put("theirs", 1, {"words"});
  other.origin.source = SourceName("other");
  store_.Show({other});
  Begin(5);
  Mention(0, 39, 5);
  End(5);
  EXPECT_EQ(Documents(), 40u);
}

TEST_F(IndexStoreSnapshot, AHugeListOfDeletesIsWorkedOffOverSeveralBatches) {
  std::vector<Mutation> mutations;
  for (int i = 0; i < 12'000; ++i) mutations.push_back(Skip("s" + std::to_string(i), 1));
  store_.Apply(std::move(mutations));
  Begin(5);
  Mention(0, 40, 5);
  End(5);  // documents that never got in do not trip the guard
  EXPECT_EQ(store_.StateOf("s0"), "deleted@5");
  size_t skipped = 0;
  for (int i = 0; i < 12'000; i += 100) skipped += store_.StateOf("s" + std::to_string(i)) != "deleted@5" ? 1 : 0;
  EXPECT_GT(skipped, 0u);
  EXPECT_TRUE(store_->Maintain(store_.now).ok());
  EXPECT_TRUE(store_->Refresh().ok());
  for (int i = 0; i < 12'000; i += 100) ASSERT_EQ(store_.StateOf("s" + std::to_string(i)), "deleted@5") << i;
  EXPECT_EQ(Documents(), 40u);
}

}  // namespace
}  // namespace freshet::store
