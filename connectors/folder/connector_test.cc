// FolderConnector: what is published of files and folders that come, go, change and move.
#include "connectors/folder/connector.h"

#include <gmock/gmock.h>

#include "connectors/folder/testing.h"

namespace freshet::folder {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST_F(FolderTest, SnapshotTellsListsFirstThenEveryFileBetweenTwoEdges) {
  playground.Write("a.md", "alpha");
  playground.Write("wards/b.txt", "beta");
  playground.Write("wards/picture.png", "no document");
  ASSERT_TRUE(Settle().ok());
  const std::vector<std::string> told = Told();
  ASSERT_EQ(told.size(), 6u);
  EXPECT_EQ(told[0], "backfill begin");
  EXPECT_EQ(told[1], "urgent access /");
  EXPECT_EQ(told[2], "urgent access /wards");
  EXPECT_THAT(std::vector(told.begin() + 3, told.begin() + 5),
              UnorderedElementsAre("backfill upsert a.md", "backfill upsert wards/b.txt"));
  EXPECT_EQ(told[5], "backfill end");
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "alpha"), Pair("wards/b.txt", "beta")));
}

TEST_F(FolderTest, UpsertNamesTypeTitleUriScopeAndCommitTime) {
  options.uri_prefix = "https://intranet/";
  host.clock_in_use = &host.system;
  playground.Write("wards/hand hygiene.MD", "wash");
  Restart();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(connector->Step(host).ok());
  const Sink sink = Replayed();
  ASSERT_EQ(sink.documents.size(), 1u);
  const Upsert& upsert = sink.documents.begin()->second.upsert;
  EXPECT_EQ(upsert.media_type, "text/markdown");
  EXPECT_EQ(upsert.title, "hand hygiene");
  EXPECT_EQ(upsert.uri, "https://intranet/wards/hand%20hygiene.MD");
  EXPECT_EQ(upsert.access_scope, ScopeId("/wards"));
  EXPECT_EQ(upsert.native_id, "wards/hand hygiene.MD");
  for (const Published& one : host.published) {
    if (!std::holds_alternative<Upsert>(one.event.change)) continue;
    EXPECT_LE(one.event.origin.committed, host.system.Now());
    EXPECT_GT(one.event.origin.committed, host.system.Now() - 10s);
  }
}

TEST_F(FolderTest, EditsGoLiveAndDeletesUrgent) {
  playground.Write("a.md", "one");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  playground.Write("a.md", "two");
  ASSERT_TRUE(Settle().ok());
  playground.Write("b.md", "new");
  ASSERT_TRUE(Settle().ok());
  playground.Remove("a.md");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("live upsert a.md", "live upsert b.md", "urgent delete a.md"));
  EXPECT_THAT(Contents(), ElementsAre(Pair("b.md", "new")));
}

TEST_F(FolderTest, RenamedFileIsDeletedAndInserted) {
  playground.Write("a.md", "text");
  playground.Folder("wards");
  ASSERT_TRUE(Settle().ok());
  playground.Rename("a.md", "wards/b.md");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("wards/b.md", "text")));
}

TEST_F(FolderTest, FolderCreatedLaterWithFilesInItIsFound) {
  ASSERT_TRUE(Settle().ok());
  playground.Write("new/deep/er/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("new/deep/er/a.md", "text")));
  playground.Write("new/deep/er/a.md", "edited");
  playground.Write("new/deep/b.md", "more");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("new/deep/b.md", "more"), Pair("new/deep/er/a.md", "edited")));
}

TEST_F(FolderTest, FolderMovedInWholeOutWholeAndAround) {
  fs::create_directories(playground.outside() / "other/sub");
  std::ofstream(playground.outside() / "other/sub/a.md") << "moved";
  ASSERT_TRUE(Settle().ok());
  fs::rename(playground.outside() / "other", playground.At("in"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("in/sub/a.md", "moved")));
  playground.Rename("in", "within");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("within/sub/a.md", "moved")));
  playground.Write("within/sub/a.md", "still watched");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("within/sub/a.md", "still watched")));
  fs::rename(playground.At("within"), playground.outside() / "out");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), IsEmpty());
  EXPECT_EQ(Access("/within/sub"), "");
}

TEST_F(FolderTest, TwoFoldersSwapped) {
  playground.Write("x/a.md", "from x");
  playground.Write("y/a.md", "from y");
  ASSERT_TRUE(Settle().ok());
  playground.Rename("x", "z");
  playground.Rename("y", "x");
  playground.Rename("z", "y");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("x/a.md", "from y"), Pair("y/a.md", "from x")));
  playground.Write("x/b.md", "1");
  playground.Write("y/b.md", "2");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), AllOf(Contains(Pair("x/b.md", "1")), Contains(Pair("y/b.md", "2"))));
}

}  // namespace
}  // namespace freshet::folder
