#include "common/store/keys.h"

#include <gtest/gtest.h>

namespace freshet::store {
namespace {

const SpaceId kSpace{7, 2};

TEST(Keys, AreReadBack) {
  SourceKey document;
  ASSERT_TRUE(ParseHeadKey(HeadKey(kSpace, {SourceNumber(3), "note"}), document));
  EXPECT_EQ(document, (SourceKey{SourceNumber(3), "note"}));
  ChunkOrdinal chunk;
  ASSERT_TRUE(ParseChunkKey(ChunkKey(kSpace, ChunkOrdinal(9)), chunk));
  EXPECT_EQ(chunk, ChunkOrdinal(9));
  uint32_t list = 0;
  ASSERT_TRUE(ParseCentroidKey(CentroidKey(kSpace, 77), list));
  EXPECT_EQ(list, 77u);
  EXPECT_FALSE(ParseCentroidKey(ListKey(kSpace, 77), list));
  Time expires;
  SpaceId space;
  ASSERT_TRUE(
      ParseTombstoneKey(TombstoneKey(FromMicros(5), kSpace, {SourceNumber(3), "note"}), expires, space, document));
  EXPECT_EQ(expires, FromMicros(5));
  EXPECT_EQ(space, kSpace);
  uint64_t commit = 0;
  ASSERT_TRUE(ParseJournalKey(JournalKey(kSpace, 11), commit));
  EXPECT_EQ(commit, 11u);
  Position position;
  ASSERT_TRUE(ParseProgressKey(ProgressKey(Stream(2), Partition(5)), position));
  EXPECT_EQ(position.stream, Stream(2));
  EXPECT_EQ(position.partition, Partition(5));
  SourceNumber source;
  ASSERT_TRUE(ParseWatermarkKey(WatermarkKey(SourceNumber(3), Stream(2), Partition(5)), source, position));
  EXPECT_EQ(source, SourceNumber(3));
  ASSERT_TRUE(ParseSpaceKey(SpaceKey(kSpace), space));
  CollectionName collection;
  ASSERT_TRUE(ParseSnapshotKey(SnapshotKey(SourceNumber(3), CollectionName("notes")), source, collection));
  EXPECT_EQ(collection, CollectionName("notes"));
}

TEST(Keys, OfAnotherFormAreRefused) {
  SourceKey document;
  ChunkOrdinal chunk;
  uint64_t commit = 0;
  Position position;
  EXPECT_FALSE(ParseHeadKey(BodyKey(kSpace, DocumentOrdinal(1)), document));
  EXPECT_FALSE(ParseChunkKey(JournalKey(kSpace, 1), chunk));
  EXPECT_FALSE(ParseJournalKey(ChunkKey(kSpace, ChunkOrdinal(1)), commit));
  EXPECT_FALSE(ParseProgressKey("abc", position));
  EXPECT_FALSE(ParseNamedKey("abc", document));
}

// DESIGN §11: tenants and data domains are separated, and one can be removed whole.
TEST(Keys, OfOneCollectionAndGenerationLieTogether) {
  const std::string prefix = SpacePrefix(kSpace);
  const std::string end = PrefixEnd(prefix);
  for (const std::string& key : {HeadKey(kSpace, {SourceNumber(1), "\xFF\xFF"}), BodyKey(kSpace, DocumentOrdinal(~0u)),
                                 ChunkKey(kSpace, ChunkOrdinal(0)), JournalKey(kSpace, ~0ull)}) {
    EXPECT_GE(key, prefix);
    EXPECT_LT(key, end);
  }
  EXPECT_GE(ChunkKey({7, 3}, ChunkOrdinal(0)), end);
  EXPECT_LT(ChunkKey({7, 1}, ChunkOrdinal(~0u)), prefix);
}

TEST(Keys, SortAsNumbersDo) {
  EXPECT_LT(ChunkKey(kSpace, ChunkOrdinal(255)), ChunkKey(kSpace, ChunkOrdinal(256)));
  EXPECT_LT(JournalKey(kSpace, 255), JournalKey(kSpace, 256));
  EXPECT_LT(TouchedKey(255), TouchedKey(256));
  EXPECT_LT(TouchedKey(~0ull), JournalKey({1, 0}, 0)) << "of no collection";
  EXPECT_LT(TombstoneKey(FromMicros(255), {9, 9}, {}), TombstoneKey(FromMicros(256), {1, 1}, {}));
}

TEST(Keys, EndOfAPrefixSkipsFullBytes) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd(std::string("a\xFF", 2)), "b");
  EXPECT_EQ(PrefixEnd("\xFF"), "");
}

}  // namespace
}  // namespace freshet::store
