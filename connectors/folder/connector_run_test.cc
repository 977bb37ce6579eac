// FolderConnector from run to run: downtime, a root that goes, lost events, polling, versions, heartbeats.
#include <gmock/gmock.h>

#include "connectors/folder/testing.h"

namespace freshet::folder {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

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
