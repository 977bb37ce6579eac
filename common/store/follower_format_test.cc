// A follower over records in the formats of writers before and after its own.
#include <gtest/gtest.h>

#include <functional>

#include "common/store/database.h"
#include "common/store/follower_store.h"
#include "common/store/keys.h"
#include "common/store/loader.h"
#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

class FollowerFormatTest : public ::testing::Test {
 protected:
  using Change = std::function<void(std::string& value)>;

  // Of a store that nobody writes.
  void Rewrite(Family family, const std::string& key, const Change& change) {
    auto database = Database::Open({.path = store_.options.path + "/rocksdb",
                                    .families = FamilyNames(),
                                    .env = store_.options.env,
                                    .tune = TuneFamily});
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    auto value = (*database)->Get(family, key);
    ASSERT_TRUE(value.ok() && *value) << "no such record";
    change(**value);
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put((*database)->family(family), key, **value).ok());
    ASSERT_TRUE((*database)->Write(batch, Durability::kSync).ok());
  }
  // In format 1 records end before what is told of inverted lists: so many numbers, which are 0.
  static Change WithoutLists(size_t numbers) {
    return [numbers](std::string& value) {
      ASSERT_TRUE(value.front() == 2 && value.ends_with(std::string(numbers, '\0')));
      value.front() = 1;
      value.resize(value.size() - numbers);
    };
  }
  std::string Found(FollowerStore& follower, const std::string& word) {
    return store_.FoundIn(*follower.CurrentView(), word, {"user:ada"});
  }

  const std::string kSpaceKey = SpaceKey({1, 1});
  TestStore store_{1};
};

TEST_F(FollowerFormatTest, WhatAWriterFromBeforeInvertedListsLeftIsReadRightly) {
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one"}), Put("b", 1, {"heron two"})});
  store_.Close();
  Rewrite(kMeta, kSpaceKey, WithoutLists(2));
  auto follower = FollowerStore::Open(store_.options);
  ASSERT_TRUE(follower.ok()) << follower.status().ToString();
  EXPECT_EQ(Found(**follower, "heron"), "a@1 b@1");

  // It goes on writing so while it is followed.
  store_.Open();
  store_.Show({Put("a", 2, {"egret one"}), Delete("b", 2)});
  const uint64_t commit = store_->CurrentView()->commit();
  store_.Close();
  Rewrite(kMeta, kSpaceKey, WithoutLists(2));
  Rewrite(kJournal, TouchedKey(commit), WithoutLists(1));
  ASSERT_TRUE((*follower)->CatchUp().ok());
  EXPECT_EQ(Found(**follower, "heron"), "");
  EXPECT_EQ(Found(**follower, "egret"), "a@2");

  // Then comes a writer of today's.
  store_.Open();
  store_.Apply(Put("b", 3, {"heron three"}));
  ASSERT_TRUE((*follower)->CatchUp().ok());
  EXPECT_EQ(Found(**follower, "heron"), "b@3");
}

TEST_F(FollowerFormatTest, WhatAWriterToComeLeftIsRefused) {
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one"})});
  store_.Close();
  Rewrite(kMeta, kSpaceKey, [](std::string& value) { value.front() = 3; });
  EXPECT_EQ(FollowerStore::Open(store_.options).status().code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::store
