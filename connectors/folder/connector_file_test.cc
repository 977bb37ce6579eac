// FolderConnector and awkward files: half-written, replaced, linked, too large, unreadable.
#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "connectors/folder/testing.h"

namespace freshet::folder {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// Runs what it is given as a user who may not read everything; root may, which would make the case void.
class AsNobody {
 public:
  AsNobody() : was_root_(geteuid() == 0) {
    if (was_root_) setfsuid(65534);
  }
  ~AsNobody() {
    if (was_root_) setfsuid(0);
  }

 private:
  const bool was_root_;
};

void LetEverybodyIn(const fs::path& top) {
  fs::permissions(top, fs::perms::all);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top)) {
    fs::permissions(entry.path(), fs::perms::all);
  }
}

TEST_F(FolderTest, AtomicReplaceIsOneUpsertAndNoDelete) {
  playground.Write("a.md", "one");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  playground.Replace("a.md", "two");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("live upsert a.md"));
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "two")));
}

TEST_F(FolderTest, SameSizeEditsWithinAMillisecondAreSeen) {
  playground.Write("a.md", "aaaa");
  ASSERT_TRUE(Settle().ok());
  for (const char* text : {"bbbb", "cccc", "dddd"}) {
    playground.Write("a.md", text);
    ASSERT_TRUE(Settle().ok());
    EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", text)));
  }
}

TEST_F(FolderTest, SameSizeEditDuringDowntimeWithTheOldTimesIsSeen) {
  playground.Write("a.md", "aaaa");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  const fs::file_time_type time = fs::last_write_time(playground.At("a.md"));
  playground.Write("a.md", "bbbb");
  fs::last_write_time(playground.At("a.md"), time);
  Restart();
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "bbbb")));
}

TEST_F(FolderTest, TouchingAndChmodPublishNothing) {
  playground.Write("a.md", "one");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  fs::last_write_time(playground.At("a.md"), fs::file_time_type::clock::now());
  fs::permissions(playground.At("a.md"), fs::perms::owner_read);
  playground.Write("a.md", "one");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), IsEmpty());
}

TEST_F(FolderTest, AFileThatIsBeingWrittenIsReadWhenClosed) {
  ASSERT_TRUE(Settle().ok());
  std::ofstream file(playground.At("a.md"));
  file << "half" << std::flush;
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), IsEmpty());
  file << " and half" << std::flush;
  file.close();
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "half and half")));
}

TEST_F(FolderTest, AFileThatIsKeptOpenIsReadWhenStill) {
  ASSERT_TRUE(Settle().ok());
  std::ofstream file(playground.At("a.log.txt"));
  file << "one" << std::flush;
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(600ms).ok());
  file << " two" << std::flush;
  ASSERT_TRUE(Settle(600ms).ok());
  EXPECT_THAT(Contents(), IsEmpty());
  ASSERT_TRUE(Settle(1100ms).ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.log.txt", "one two")));
}

TEST_F(FolderTest, AFileThatIsNeverStillIsReadInTheEnd) {
  options.settle_limit = 5s;
  ASSERT_TRUE(Settle().ok());
  std::ofstream file(playground.At("a.txt"));
  for (int i = 0; i < 11; ++i) {
    file << "x" << std::flush;
    ASSERT_TRUE(Settle(500ms).ok());
  }
  EXPECT_THAT(Contents(), Contains(Pair("a.txt", HasSubstr("xxxxxxxx"))));
}

TEST_F(FolderTest, AFileWithAWriterIsLeftToItsClosingByASnapshot) {
  std::ofstream file(playground.At("a.md"));
  file << "half" << std::flush;
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), IsEmpty());
  file << " more";
  file.close();
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "half more")));
}

TEST_F(FolderTest, ALinkToAFileElsewhereIsADocumentAtOnce) {
  std::ofstream(playground.outside() / "a.md") << "linked";
  ASSERT_TRUE(Settle().ok());
  fs::create_hard_link(playground.outside() / "a.md", playground.At("a.md"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "linked")));
}

TEST_F(FolderTest, SymlinksAreNotFollowed) {
  fs::create_directory(playground.outside() / "secret");
  std::ofstream(playground.outside() / "secret/s.md") << "secret";
  playground.Folder("real");
  fs::create_symlink(playground.outside() / "secret", playground.At("folder"));
  fs::create_symlink(playground.outside() / "secret/s.md", playground.At("s.md"));
  fs::create_symlink("..", playground.At("real/loop"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), IsEmpty());
  fs::create_symlink(playground.outside() / "secret/s.md", playground.At("real/later.md"));
  ASSERT_TRUE(Settle(2s).ok());
  EXPECT_THAT(Contents(), IsEmpty());
}

TEST_F(FolderTest, AFileReplacedByASymlinkIsDeleted) {
  std::ofstream(playground.outside() / "s.md") << "secret";
  playground.Write("a.md", "text");
  playground.Write("sub/b.md", "text");
  ASSERT_TRUE(Settle().ok());
  playground.Remove("a.md");
  fs::create_symlink(playground.outside() / "s.md", playground.At("a.md"));
  playground.Remove("sub");
  fs::create_symlink(playground.outside(), playground.At("sub"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), IsEmpty());
}

TEST_F(FolderTest, FilesBecomeFoldersAndFoldersFiles) {
  playground.Write("a.md", "file");
  playground.Write("b.md/inner.md", "inner");
  ASSERT_TRUE(Settle().ok());
  playground.Remove("a.md");
  playground.Write("a.md/x.md", "x");
  playground.Remove("b.md");
  playground.Write("b.md", "file");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md/x.md", "x"), Pair("b.md", "file")));
}

TEST_F(FolderTest, HiddenAndTemporaryNamesAreIgnored) {
  playground.Write(".git/a.md", "hidden");
  playground.Write(".b.md", "hidden");
  playground.Write("c.md~", "backup");
  ASSERT_TRUE(Settle().ok());
  playground.Write(".later.md", "hidden");
  ASSERT_TRUE(Settle(2s).ok());
  EXPECT_THAT(Contents(), IsEmpty());
  EXPECT_EQ(Access("/.git"), "");
}

TEST_F(FolderTest, TooLargeIsSkippedVisiblyAndUnread) {
  options.max_file_bytes = 1_KiB;
  playground.Write("large.md", "");
  fs::resize_file(playground.At("large.md"), 100 << 20);
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("large.md", "!document_too_large")));
  EXPECT_EQ(host.most_bytes, 0u);
  playground.Write("large.md", "small now");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("large.md", "small now")));
}

TEST_F(FolderTest, EmptyAndBinaryFilesTravelAsTheyAre) {
  playground.Write("empty.md", "");
  playground.Write("binary.txt", std::string_view("\x00\xff\xfe", 3));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("binary.txt", std::string("\x00\xff\xfe", 3)), Pair("empty.md", "")));
}

TEST_F(FolderTest, OneBatchIsBounded) {
  for (int i = 0; i < 50; ++i) playground.Write("f" + std::to_string(i) + ".md", std::string(200 << 10, 'x'));
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents().size(), 50u);
  EXPECT_LE(host.most_bytes, (1u << 20) + (200u << 10));
}

TEST_F(FolderTest, AnUnreadableFileIsSkippedVisiblyAndHealsButIsNeverADelete) {
  playground.Write("a.md", "one");
  ASSERT_TRUE(Settle().ok());
  playground.Write("a.md", "two");
  LetEverybodyIn(playground.outside());
  fs::permissions(playground.At("a.md"), fs::perms::none);
  {
    const AsNobody nobody;
    ASSERT_TRUE(Settle().ok());
    EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "one")));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(Settle(500ms).ToString(), "ok");
    EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "!retries_exhausted")));
  }
  fs::permissions(playground.At("a.md"), fs::perms::owner_read | fs::perms::others_read);
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "two")));
}

TEST_F(FolderTest, AnUnreadableFolderKeepsItsDocumentsAndLetsNobodyReadThem) {
  playground.Write("sub/deep/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  connector.reset();
  LetEverybodyIn(playground.outside());
  fs::permissions(playground.At("sub"), fs::perms::none);
  {
    const AsNobody nobody;
    ASSERT_EQ(Settle().ToString(), "ok");
    EXPECT_THAT(Contents(), ElementsAre(Pair("sub/deep/a.md", "text")));
    EXPECT_EQ(Access("/sub"), "");
    EXPECT_EQ(Access("/sub/deep"), "");
    EXPECT_EQ(Access("/"), "allow group:everyone");
  }
  fs::permissions(playground.At("sub"), fs::perms::all);
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/sub/deep"), "allow group:everyone");
  EXPECT_THAT(Contents(), ElementsAre(Pair("sub/deep/a.md", "text")));
}

TEST_F(FolderTest, NamesThatAreNoUtf8HaveIdsOfTheirOwn) {
  playground.Write("\xff.md", "one");
  playground.Write("%FF.md", "two");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("%25FF.md", "two"), Pair("%FF.md", "one")));
}

}  // namespace
}  // namespace freshet::folder
