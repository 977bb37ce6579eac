// What an audit says of an index that is well, and of one whose lists have lost vectors.
#include "common/store/vector_audit.h"

#include <gtest/gtest.h>

#include "common/store/follower_store.h"
#include "common/store/keys.h"
#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

constexpr AuditPlan kPlan{.questions = 32, .seed = 3};

IndexStoreOptions WithLists(size_t scanned) {
  return {.scanned_vectors = scanned, .list_vectors = 48, .mass_delete = {.documents = 1'000'000}};
}

class VectorAuditTest : public testing::Test {
 protected:
  static constexpr int kDocuments = 1'700;  // where there are few, no list is read

  explicit VectorAuditTest(size_t scanned = 50) : store_(5, WithLists(scanned)) {
    std::vector<Mutation> batch;
    for (int i = 0; i < kDocuments; ++i)
      batch.push_back(Put("d" + std::to_string(i), 1, {"text " + std::to_string(i)}));
    store_.Apply(std::move(batch));
    Keep();
  }

  void Keep() {
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(store_->Maintain(store_.now).ok());
    ASSERT_TRUE(store_->Refresh().ok());
  }

  // Cannot be told from outside but by what is found.
  static VectorRecall Finish(VectorAudit& audit) {
    int steps = 0;
    for (Result<bool> more = true; more.ok() && *more; more = audit.Step(100)) ++steps;
    EXPECT_GT(steps, 2) << "a few at each step";
    return audit.recall();
  }
  VectorRecall Audit() {
    const auto view = store_->CurrentView();
    return Finish(*AuditVectors(*view, kPolicies, kPlan));
  }

  // Every other list is empty from now on.
  void LoseEveryOtherList() {
    store_.Close();
    auto database = Database::Open({.path = store_.options.path + "/rocksdb",
                                    .families = FamilyNames(),
                                    .env = store_.disk.env(),
                                    .tune = TuneFamily});
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    rocksdb::WriteBatch batch;
    std::unique_ptr<rocksdb::Iterator> lists((*database)->db().NewIterator({}, (*database)->family(kPostings)));
    size_t lost = 0, seen = 0;
    for (lists->SeekToFirst(); lists->Valid(); lists->Next()) {
      if (seen++ % 2 == 1) continue;
      ++lost;
      ASSERT_TRUE(batch.Delete((*database)->family(kPostings), lists->key()).ok());
    }
    ASSERT_GT(lost, 3u);
    lists.reset();
    ASSERT_TRUE((*database)->Write(batch, Durability::kSync).ok());
    database->reset();
    store_.Open();
    ASSERT_TRUE(store_->Refresh().ok());
  }

  TestStore store_;
};

TEST_F(VectorAuditTest, AnIndexThatIsWellFindsNearlyAll) {
  const VectorRecall recall = Audit();
  EXPECT_EQ(recall.wanted, 32 * VectorAudit::kTop);
  EXPECT_LE(recall.found, recall.wanted);
  EXPECT_GE(recall.found * 10, recall.wanted * 9);
}

TEST_F(VectorAuditTest, WhatListsHaveLostIsMissed) {
  LoseEveryOtherList();
  const VectorRecall recall = Audit();
  EXPECT_EQ(recall.wanted, 32 * VectorAudit::kTop) << "the vectors themselves are there";
  EXPECT_LT(recall.found * 10, recall.wanted * 8);
}

// An audit takes its time, and the index moves on.
TEST_F(VectorAuditTest, WhatChangesMeanwhileIsNotMissed) {
  const auto view = store_->CurrentView();
  const auto audit = AuditVectors(*view, kPolicies, kPlan);
  const VectorRecall before = Finish(*AuditVectors(*view, kPolicies, kPlan));
  std::vector<Mutation> batch;
  for (int i = 0; i < kDocuments; i += 2) batch.push_back(Delete("d" + std::to_string(i), 2));
  for (int i = 1; i < kDocuments; i += 4)
    batch.push_back(Put("d" + std::to_string(i), 2, {"new " + std::to_string(i)}));
  store_.Apply(std::move(batch));
  Keep();
  const VectorRecall after = Finish(*audit);
  EXPECT_EQ(after.wanted, before.wanted);
  EXPECT_EQ(after.found, before.found);
}

TEST_F(VectorAuditTest, WithheldDocumentsAreComparedToo) {
  std::vector<Mutation> batch;
  for (int i = 0; i < kDocuments; i += 2) batch.push_back(Withhold("d" + std::to_string(i), 2));
  store_.Apply(std::move(batch));
  Keep();
  const VectorRecall recall = Audit();
  EXPECT_GE(recall.found * 10, recall.wanted * 9);
}

TEST_F(VectorAuditTest, WhereThereIsNothingToAskNothingIsAsked) {
  EXPECT_EQ(AuditVectors(*store_->CurrentView(), CollectionName("unknown"), kPlan), nullptr);
  TestStore without(6);
  without.Show({Put("a", 1, {"words alone"}, {.vectors = false})});
  EXPECT_EQ(AuditVectors(*without->CurrentView(), kPolicies, kPlan), nullptr);
}

TEST_F(VectorAuditTest, AFollowerIsNotAudited) {
  auto follower = FollowerStore::Open(store_.options);
  ASSERT_TRUE(follower.ok()) << follower.status().ToString();
  EXPECT_EQ(AuditVectors(*(*follower)->CurrentView(), kPolicies, kPlan), nullptr);
}

class ScannedVectorAuditTest : public VectorAuditTest {
 protected:
  ScannedVectorAuditTest() : VectorAuditTest(50'000) {}
};

TEST_F(ScannedVectorAuditTest, WhatIsScannedIsFoundExactly) {
  const VectorRecall recall = Audit();
  EXPECT_EQ(recall.wanted, 32 * VectorAudit::kTop);
  EXPECT_EQ(recall.found, recall.wanted);
  EXPECT_EQ(LongLists(*store_), (std::map<CollectionName, uint64_t>{{kPolicies, 0}}));
}

// One Maintain splits some of them; told is what is left to do.
TEST(LongLists, AreCountedUntilTheyAreSplit) {
  TestStore store(8, {.scanned_vectors = 50, .list_vectors = 8, .mass_delete = {.documents = 1'000'000}});
  const auto put = [&](int begin, int end) {
    std::vector<Mutation> batch;
    for (int i = begin; i < end; ++i) batch.push_back(Put("d" + std::to_string(i), 1, {"text " + std::to_string(i)}));
    store.Apply(std::move(batch));
  };
  const auto maintained = [&] {
    EXPECT_TRUE(store->Maintain(store.now).ok());
    return LongLists(*store).at(kPolicies);
  };
  put(0, 400);
  EXPECT_TRUE(LongLists(*store).empty()) << "not known before the first Maintain";
  for (int i = 0; i < 100; ++i) (void)maintained();
  EXPECT_EQ(maintained(), 0u);
  put(400, 700);
  EXPECT_GT(maintained(), 0u);
  for (int i = 0; i < 100; ++i) (void)maintained();
  EXPECT_EQ(maintained(), 0u);
}

}  // namespace
}  // namespace freshet::store
