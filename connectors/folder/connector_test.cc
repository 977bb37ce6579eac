// FolderConnector: each thing that can happen to files, and what is published of it.
#include "connectors/folder/connector.h"

#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "connectors/folder/testing.h"

namespace freshet::folder {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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

TEST_F(FolderTest, NothingUnchangedTravelsAgainAfterARestart) {
  playground.Write("a.md", "one");
  playground.Write("b.md", "two");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());  // positions are saved
  Restart();
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), UnorderedElementsAre("backfill begin", "urgent access /", "backfill present a.md",
                                                 "backfill present b.md", "backfill end"));
}

TEST_F(FolderTest, DeletesEditsAndInsertsOfDowntimeAreFound) {
  playground.Write("stays.md", "same");
  playground.Write("edited.md", "one");
  playground.Write("old/gone.md", "gone");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  connector.reset();
  playground.Write("edited.md", "two");
  playground.Remove("old");
  playground.Write("new.md", "new");
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("edited.md", "two"), Pair("new.md", "new"), Pair("stays.md", "same")));
  EXPECT_THAT(Told(before), Not(Contains("urgent delete old/gone.md")));  // the sink's guard decides
  EXPECT_THAT(host.positions, Not(Contains(Pair("f/old/gone.md", ::testing::_))));
  EXPECT_EQ(Access("/old"), "");
}

TEST_F(FolderTest, WhatComesBackAsItWasAfterASnapshotDroppedItIsPublishedAgain) {
  playground.Write("sub/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  connector.reset();
  fs::rename(playground.At("sub"), playground.outside() / "away");  // keeps the files' own stamps
  ASSERT_TRUE(Settle().ok());
  connector.reset();
  EXPECT_THAT(Contents(), IsEmpty());
  fs::rename(playground.outside() / "away", playground.At("sub"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("sub/a.md", "text")));
}

TEST_F(FolderTest, FolderMovedOutAndBackAroundACrashIsPublishedAgain) {
  playground.Write("sub/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  fs::rename(playground.At("sub"), playground.outside() / "away");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), IsEmpty());
  connector.reset();  // nothing was saved since but what went first
  fs::rename(playground.outside() / "away", playground.At("sub"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("sub/a.md", "text")));
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

TEST_F(FolderTest, AVanishedRootIsUnavailableAndDeletesNothing) {
  for (int i = 0; i < 5; ++i) playground.Write(std::to_string(i) + ".md", "text");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  fs::rename(playground.root(), playground.outside() / "moved");
  EXPECT_EQ(Settle(1s).code(), Code::kUnavailable);
  EXPECT_EQ(Settle(1s).code(), Code::kUnavailable);
  EXPECT_EQ(Contents().size(), 5u);
  fs::rename(playground.outside() / "moved", playground.root());
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents().size(), 5u);
  EXPECT_THAT(Told(before), Not(Contains(HasSubstr("upsert"))));
}

TEST_F(FolderTest, ARemovedRootIsUnavailableAndDeletesNothing) {
  playground.Write("a.md", "text");
  ASSERT_TRUE(Settle().ok());
  fs::remove_all(playground.root());
  EXPECT_EQ(Settle().code(), Code::kUnavailable);
  EXPECT_EQ(Contents().size(), 1u);
}

TEST_F(FolderTest, AnEmptyRootAfterAFullOneIsLeftToTheGuard) {
  for (int i = 0; i < 30; ++i) playground.Write(std::to_string(i) + ".md", "text");
  ASSERT_TRUE(Settle().ok());
  connector.reset();
  fs::rename(playground.root(), playground.outside() / "full");
  fs::create_directory(playground.root());
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("backfill begin", "urgent access /", "backfill end"));
}

TEST_F(FolderTest, VersionsGrowUnderABackwardsClock) {
  playground.Write("a.md", "one");
  ASSERT_TRUE(Settle().ok());
  Version last;
  for (int run = 0; run < 5; ++run) {
    host.manual.Advance(-24h);
    Restart();
    playground.Write("a.md", "run " + std::to_string(run));
    const size_t before = host.published.size();
    ASSERT_TRUE(Settle().ok());
    for (size_t i = before; i < host.published.size(); ++i) {
      EXPECT_GT(host.published[i].event.origin.version, last);
    }
    for (const Published& one : host.published) last = std::max(last, one.event.origin.version);
  }
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "run 4")));
}

TEST_F(FolderTest, TheEpochIsSavedBeforeAnythingIsPublished) {
  host.failure = Status(Code::kLogUnavailable);
  Restart();
  EXPECT_EQ(connector->Step(host).code(), Code::kLogUnavailable);
  EXPECT_THAT(host.published, IsEmpty());
  host.failure = OkStatus();
  ASSERT_TRUE(connector->Step(host).ok());
  EXPECT_THAT(host.published, IsEmpty());
  EXPECT_EQ(host.positions.count("epoch"), 1u);
}

TEST_F(FolderTest, HeartbeatsComeWhenListsAreOutAndOnBackfillAfterTheSnapshot) {
  for (int i = 0; i < 3000; ++i) playground.Write(std::to_string(i) + ".md", "text");
  Restart();
  while (host.heartbeats.empty()) {
    ASSERT_TRUE(connector->Step(host).ok());
    host.manual.Advance(300ms);
  }
  EXPECT_THAT(Told(), Contains("urgent access /"));
  EXPECT_THAT(Told(), Not(Contains("backfill end")));
  EXPECT_THAT(host.heartbeats.back().lanes, ElementsAre(Lane::kUrgent, Lane::kLive));
  ASSERT_TRUE(Settle(1s).ok());
  ASSERT_TRUE(Settle(1s).ok());
  EXPECT_THAT(host.heartbeats.back().lanes, ElementsAre(Lane::kUrgent, Lane::kLive, Lane::kBackfill));
  EXPECT_EQ(host.heartbeats.back().time, host.manual.Now());
}

TEST_F(FolderTest, LostEventsAreMadeGoodByAScan) {
  std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
  size_t queue = 0;
  limit >> queue;
  if (queue == 0 || queue > 100'000) GTEST_SKIP() << "the event queue is too long to overflow";
  playground.Write("kept.md", "kept");
  playground.Write("gone.md", "gone");
  ASSERT_TRUE(Settle().ok());
  // Each rename is two events that the queue cannot merge.
  for (size_t i = 0; i < queue; ++i) {
    fs::rename(playground.At("kept.md"), playground.At("other.md"));
    fs::rename(playground.At("other.md"), playground.At("kept.md"));
  }
  playground.Write("late/new.md", "new");
  playground.Write("kept.md", "edited");
  playground.Remove("gone.md");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("kept.md", "edited"), Pair("late/new.md", "new")));
}

TEST_F(FolderTest, PollingFindsTheSame) {
  options.watch = WatchMode::kPoll;
  playground.Write("a.md", "one");
  playground.Write("sub/b.md", "two");
  ASSERT_TRUE(Settle().ok());
  playground.Write("a.md", "ONE");
  playground.Remove("sub");
  playground.Write("new/c.md", "three");
  ASSERT_TRUE(Settle(options.poll_interval).ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "ONE"), Pair("new/c.md", "three")));
  const Time scanned = host.manual.Now();
  ASSERT_TRUE(Settle(options.heartbeat).ok());
  EXPECT_EQ(host.heartbeats.back().time, scanned);  // what happened since is not known
}

TEST_F(FolderTest, ManyMissingInAScanAreLeftToASnapshot) {
  options.watch = WatchMode::kPoll;
  for (int i = 0; i < 30; ++i) playground.Write("sub/" + std::to_string(i) + ".md", "text");
  ASSERT_TRUE(Settle().ok());
  playground.Remove("sub");
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle(options.poll_interval).ok());
  EXPECT_THAT(Told(before), Contains("backfill end"));
  EXPECT_THAT(Told(before), Not(Contains(HasSubstr("delete"))));
  EXPECT_THAT(Contents(), IsEmpty());
}

TEST_F(FolderTest, OtherMediaTypesPublishFilesAgain) {
  playground.Write("a.md", "text");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  options.media_types["md"] = "text/plain";
  Restart();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Replayed().documents.at("a.md").upsert.media_type, "text/plain");
}

TEST_F(FolderTest, TooManyFilesAreAConfigurationError) {
  options.max_files = 3;
  for (int i = 0; i < 4; ++i) playground.Write(std::to_string(i) + ".md", "text");
  EXPECT_EQ(Settle().code(), Code::kConfiguration);
}

TEST_F(FolderTest, NamesThatAreNoUtf8HaveIdsOfTheirOwn) {
  playground.Write("\xff.md", "one");
  playground.Write("%FF.md", "two");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("%25FF.md", "two"), Pair("%FF.md", "one")));
}

TEST_F(FolderTest, CheckSaysWhatIsWrong) {
  EXPECT_TRUE(FolderConnector(options).Check().ok());
  playground.Write("_access.yaml", "allow: [nurses]\n");
  EXPECT_EQ(FolderConnector(options).Check().code(), Code::kConfiguration);
  options.root = playground.outside() / "nowhere";
  EXPECT_EQ(FolderConnector(options).Check().code(), Code::kUnavailable);
}

TEST_F(FolderTest, RunPublishesAnEditWithinMillisecondsAndEndsWhenTold) {
  host.clock_in_use = &host.system;
  playground.Write("a.md", "one");
  Restart();
  Status ended;
  std::thread thread([&] { ended = connector->Run(host); });
  std::this_thread::sleep_for(200ms);
  playground.Write("b.md", "two");
  std::this_thread::sleep_for(200ms);
  host.stop = true;
  thread.join();
  EXPECT_TRUE(ended.ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("a.md", "one"), Pair("b.md", "two")));
  EXPECT_THAT(host.positions, Contains(Pair("f/b.md", ::testing::_)));
  EXPECT_FALSE(host.heartbeats.empty());
}

}  // namespace
}  // namespace freshet::folder
