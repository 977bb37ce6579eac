// What is remembered between runs.
#include "connectors/folder/position.h"

#include <gmock/gmock.h>

#include "connectors/folder/testing.h"

namespace freshet::folder {
namespace {

FileState SomeState() {
  FileState state{.stamp = {.inode = 7, .size = 8, .mtime_ns = -9, .ctime_ns = 10},
                  .hash = HashOf("x"),
                  .version = {.epoch = 1, .position = 2},
                  .published = FromMicros(3),
                  .refused = Code::kDocumentTooLarge,
                  .replaced = true,
                  .racy = true};
  return state;
}

TEST(Positions, FileRecordsReadBack) {
  const std::optional<FileState> read = DecodeFile(EncodeFile(SomeState()));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->stamp, SomeState().stamp);
  EXPECT_EQ(read->hash, SomeState().hash);
  EXPECT_EQ(read->version, SomeState().version);
  EXPECT_EQ(read->published, SomeState().published);
  EXPECT_EQ(read->refused, Code::kDocumentTooLarge);
  EXPECT_TRUE(read->replaced && read->racy);
  EXPECT_FALSE(read->confirmed);
}

TEST(Positions, FolderRecordsReadBack) {
  const AccessList list{.allow = {Principal("group:a"), Principal("user:b")}, .deny = {Principal("user:c")}};
  const auto read = DecodeFolder(EncodeFolder(&list));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(**read, list);
  const Period stay{.until = FromMicros(77), .from = FromMicros(-5)};
  const AccessList limited{.allow = {Principal("group:a"), Listed(Principal("user:b"), stay)}, .deny = {}};
  EXPECT_EQ(**DecodeFolder(EncodeFolder(&limited)), limited);
  const std::string record = EncodeFolder(&limited);
  for (size_t length = 0; length < record.size(); ++length) EXPECT_FALSE(DecodeFolder(record.substr(0, length)));
  const auto none = DecodeFolder(EncodeFolder(nullptr));
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(*none, nullptr);
}

TEST(Positions, RecordsThatCannotBeReadAreNone) {
  const std::string file = EncodeFile(SomeState());
  for (size_t length = 0; length < file.size(); ++length) EXPECT_FALSE(DecodeFile(file.substr(0, length)));
  EXPECT_FALSE(DecodeFile("\x02" + file.substr(1)));
  EXPECT_FALSE(DecodeFolder("\x01"));
  RecordingHost host;
  host.positions = {{"epoch", "?"}, {"f/a.md", "?"}, {"f/", file}, {"d/x", "?"}, {"z", ""}};
  Tree tree;
  const auto epoch = PositionBook(host).Load(tree, Hash128{});
  ASSERT_TRUE(epoch.ok());
  EXPECT_TRUE(tree.root().files.empty());
}

TEST(Positions, TheEpochGrowsWhateverTheClock) {
  RecordingHost host;
  uint64_t last = 0;
  for (const Duration moved : {Duration(0), Duration(-48h), Duration(0), Duration(100h), Duration(-1h)}) {
    host.manual.Advance(moved);
    Tree tree;
    const auto epoch = PositionBook(host).Load(tree, Hash128{});
    ASSERT_TRUE(epoch.ok());
    EXPECT_GT(*epoch, last);
    last = *epoch;
  }
}

TEST(Positions, OtherOptionsDistrustStampsUntilASnapshotEnded) {
  RecordingHost host;
  const Hash128 one = HashOf("1"), two = HashOf("2");
  const auto load = [&](const Hash128& fingerprint, bool ended) {
    Tree tree;
    PositionBook book(host);
    EXPECT_TRUE(book.Load(tree, fingerprint).ok());
    const bool trusted = tree.root().files.contains("a.md") && tree.root().files["a.md"].stamp == SomeState().stamp;
    book.Put(FileKey("a.md"), EncodeFile(SomeState()));
    if (ended) book.SnapshotEnded();
    EXPECT_TRUE(book.Save().ok());
    return trusted;
  };
  EXPECT_FALSE(load(one, true));
  EXPECT_TRUE(load(one, true));
  EXPECT_FALSE(load(two, false));
  EXPECT_FALSE(load(two, true));  // the run before died on the way
  EXPECT_TRUE(load(two, false));
  EXPECT_FALSE(load(one, true));
}

TEST(Positions, AreSavedTogetherAndInTime) {
  RecordingHost host;
  PositionBook book(host);
  EXPECT_FALSE(book.IsDue(host.manual.Now()));
  EXPECT_EQ(book.due(), Time::max());
  for (int i = 0; i < 10; ++i) book.Put(FileKey(std::to_string(i)), "x");
  EXPECT_FALSE(book.IsDue(host.manual.Now()));
  host.manual.Advance(1s);
  EXPECT_TRUE(book.IsDue(host.manual.Now()));
  ASSERT_TRUE(book.Save().ok());
  EXPECT_EQ(host.saves, 1);
  EXPECT_EQ(host.positions.size(), 10u);
  book.Put("later", "y");
  ASSERT_TRUE(book.SaveFirst({{"later", std::nullopt}, {"f/0", std::nullopt}}).ok());
  ASSERT_TRUE(book.Save().ok());
  EXPECT_EQ(host.saves, 2);
  EXPECT_EQ(host.positions.size(), 9u);
}

}  // namespace
}  // namespace freshet::folder
