#include "common/store/touched.h"

#include <gtest/gtest.h>

namespace freshet::store {
namespace {

SourceKey Key(uint32_t source, const std::string& id) { return {SourceNumber(source), id}; }

Changes SomeChanges() {
  Changes changes{.commit = 7};
  changes.documents[{1, 2}][Key(1, "a")];
  changes.documents[{1, 2}][Key(300, std::string("b\0c", 3))];
  changes.documents[{4, 1}];
  changes.scopes[Key(1, "")];
  changes.groups[Key(2, "group:staff")];
  changes.consents[Key(1, "patient")];
  changes.accounts[{Stream(3), Partition(1000)}];
  changes.watermarks[{SourceNumber(9), Stream(1), Partition(2)}];
  changes.snapshots[{SourceNumber(9), CollectionName("policies")}];
  changes.lists[{1, 2}].entries[5] = 100;
  changes.lists[{1, 2}].appended = {{5, 1}, {300, 2}};
  return changes;
}

TEST(Touched, ReadsWhatWasWritten) {
  Touched touched;
  ASSERT_TRUE(touched.Add(EncodeTouched(SomeChanges(), {3, 4})).ok());
  EXPECT_EQ(touched.names, (NamesKnown{3, 4}));
  const std::set<SourceKey> documents = {Key(1, "a"), Key(300, std::string("b\0c", 3))};
  EXPECT_EQ(touched.documents.at({1, 2}), documents);
  EXPECT_EQ(touched.scopes, std::set{Key(1, "")});
  EXPECT_EQ(touched.groups, std::set{Key(2, "group:staff")});
  EXPECT_EQ(touched.consents, std::set{Key(1, "patient")});
  EXPECT_EQ(touched.accounts, (std::set<PartitionId>{{Stream(3), Partition(1000)}}));
  EXPECT_EQ(touched.watermarks, (std::set<WatermarkId>{{SourceNumber(9), Stream(1), Partition(2)}}));
  EXPECT_EQ(touched.snapshots, (std::set<SnapshotId>{{SourceNumber(9), CollectionName("policies")}}));
  EXPECT_EQ(touched.lists.at({1, 2}), (std::set<uint32_t>{5, 300}));
  EXPECT_TRUE(touched.knows_lists);
}

TEST(Touched, OfAnOlderWriterNothingIsKnownOfLists) {
  Changes changes = SomeChanges();
  changes.lists.clear();
  std::string value = EncodeTouched(changes, {3, 4});
  value.front() = 1;
  value.pop_back();  // the count of lists
  Touched touched;
  ASSERT_TRUE(touched.Add(value).ok());
  ASSERT_TRUE(touched.Add(EncodeTouched(SomeChanges(), {3, 4})).ok());
  EXPECT_FALSE(touched.knows_lists);
  EXPECT_EQ(touched.groups, std::set{Key(2, "group:staff")});
}

TEST(Touched, AddsUp) {
  Touched touched;
  Changes later;
  later.documents[{1, 2}][Key(1, "z")];
  later.lists[{1, 2}].appended = {{7, 1}};
  ASSERT_TRUE(touched.Add(EncodeTouched(SomeChanges(), {3, 4})).ok());
  ASSERT_TRUE(touched.Add(EncodeTouched(later, {5, 4})).ok());
  EXPECT_EQ(touched.documents.at({1, 2}).size(), 3u);
  EXPECT_EQ(touched.lists.at({1, 2}), (std::set<uint32_t>{5, 7, 300}));
  EXPECT_EQ(touched.names, (NamesKnown{5, 4}));
}

TEST(Touched, EveryDamageIsNoticedOrHarmless) {
  const std::string whole = EncodeTouched(SomeChanges(), {3, 4});
  for (size_t size = 0; size < whole.size(); ++size) {
    Touched touched;
    EXPECT_EQ(touched.Add(whole.substr(0, size)).code(), Code::kCorruptStore) << size;
  }
  Touched touched;
  EXPECT_EQ(touched.Add(whole + "x").code(), Code::kCorruptStore);
}

TEST(Touched, TheTrailKeepsAboutSoMuch) {
  TouchedTrail trail(100, 800);
  EXPECT_EQ(trail.TakeOld(), 0u);
  uint64_t kept_from = 0;
  for (uint64_t commit = 101; commit < 200; ++commit) {
    trail.Note(commit, 50);
    if (const uint64_t old = trail.TakeOld(); old != 0) kept_from = old + 1;
    const uint64_t kept = (commit - std::max<uint64_t>(kept_from, 101) + 1) * 50;
    EXPECT_LE(kept, 900u);
    if (commit > 130) {
      EXPECT_GE(kept, 700u);
    }
  }
  EXPECT_GT(kept_from, 150u);
}

}  // namespace
}  // namespace freshet::store
