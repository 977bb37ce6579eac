// The rule of versions, across a crash and within a life.
#include "connectors/kit/invariants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::kit {
namespace {

class InvariantsTest : public ::testing::Test {
 protected:
  // A state of one document; `version` tells its content too.
  void Say(uint64_t version, int64_t committed_seconds, Lane lane = Lane::kLive) {
    ChangeEvent event;
    event.origin.document = DocumentId("d");
    event.origin.version = Version{1, version};
    event.origin.committed = Time(std::chrono::seconds(committed_seconds));
    event.change = Upsert{.content = "state " + std::to_string(version)};
    ASSERT_TRUE(host_.Publish({std::move(event)}, lane).ok());
  }
  void SayIdentity(uint64_t version, const std::string& family) {
    ChangeEvent event;
    event.origin.version = Version{1, version};
    event.change = IdentityChange{.patient = PatientId("p"), .names = {{.given = {}, .family = family}}};
    ASSERT_TRUE(host_.Publish({std::move(event)}, Lane::kLive).ok());
  }
  void SayEdge(SnapshotEdge::Side side, uint64_t begin = 1) {
    ChangeEvent event;
    event.origin.version = Version{1, begin};
    event.change = SnapshotEdge{.side = side, .begin_version = Version{1, begin}};
    ASSERT_TRUE(host_.Publish({std::move(event)}, Lane::kBackfill).ok());
  }
  void Beat(Time time = Time(std::chrono::seconds(1))) { ASSERT_TRUE(host_.PublishHeartbeat(time, kLanes).ok()); }
  // The host also checks each event by itself, and these are bare.
  std::string Broken(bool times = false) {
    host_.violations.clear();
    return BrokenInvariant(host_, {.times = times});
  }

  KitHost host_;
};

TEST_F(InvariantsTest, VersionsRiseOrRepeat) {
  Say(1, 1);
  Say(3, 3);
  Say(3, 3);
  EXPECT_EQ(Broken(), "");
  Say(2, 2);
  EXPECT_NE(Broken(), "");
}

TEST_F(InvariantsTest, ASnapshotsMayBeLower) {
  Say(3, 3);
  Say(2, 2, Lane::kBackfill);
  EXPECT_EQ(Broken(), "");
}

TEST_F(InvariantsTest, AfterACrashWhatWasOvertakenMayBeTold) {
  Say(3, 3);  // stood for 2 and 3
  host_.Revive();
  Say(2, 2);
  Say(3, 3);
  EXPECT_EQ(Broken(), "");
  Say(1, 1);
  EXPECT_NE(Broken(), "") << "this life has told what is newer";
}

TEST_F(InvariantsTest, AfterACrashALaterChangeRisesAllTheSame) {
  Say(3, 3);
  host_.Revive();
  Say(2, 4);
  EXPECT_NE(Broken(), "");
}

TEST_F(InvariantsTest, WhatItsTopicKeepsIsNotOvertaken) {
  SayIdentity(2, "Heron");
  SayIdentity(3, "Egret");
  host_.Revive();
  SayIdentity(2, "Heron");
  SayIdentity(3, "Egret");
  EXPECT_EQ(Broken(), "") << "told again after a crash";
  SayIdentity(2, "Heron");
  EXPECT_NE(Broken(), "");
}

TEST_F(InvariantsTest, SnapshotsBeginAboveThoseBefore) {
  for (const uint64_t begin : {3, 4, 3, 5}) SayEdge(SnapshotEdge::Side::kBegin, begin);  // the second 3 is told again
  EXPECT_EQ(Broken(), "");
  SayEdge(SnapshotEdge::Side::kBegin, 2);
  EXPECT_NE(Broken(), "");
}

TEST_F(InvariantsTest, AnOpenSnapshotIsNotVouchedFor) {
  SayEdge(SnapshotEdge::Side::kBegin);
  SayEdge(SnapshotEdge::Side::kEnd);
  Beat();
  Say(1, 2, Lane::kBackfill);
  EXPECT_EQ(Broken(true), "");
  SayEdge(SnapshotEdge::Side::kBegin);
  Beat();
  EXPECT_THAT(Broken(true), testing::HasSubstr("open snapshot"));
}

TEST_F(InvariantsTest, NobodyVouchesForTheFuture) {
  Beat();
  EXPECT_EQ(Broken(true), "");
  Beat(host_.clock().Now() + std::chrono::hours(1));
  EXPECT_THAT(Broken(true), testing::HasSubstr("the future"));
}

TEST(KitHostTest, WhatNoEventMayHoldIsNoticed) {
  const auto noticed = [](Change change, Lane lane) {
    KitHost host;
    Origin origin{.version = Version{1, 1}, .committed = Time(std::chrono::seconds(1))};
    origin.document = DocumentId("d");
    EXPECT_TRUE(host.Publish({{.origin = std::move(origin), .change = std::move(change)}}, lane).ok());
    return host.violations.size();
  };
  const auto listed = [](const char* name) { return std::vector<Listed>{Listed(Principal(name))}; };
  EXPECT_EQ(noticed(Upsert{.title = "Plan"}, Lane::kLive), 0u);
  EXPECT_EQ(noticed(Upsert{.title = "Pl\xff"}, Lane::kLive), 1u);
  EXPECT_EQ(noticed(Delete{}, Lane::kUrgent), 0u);
  EXPECT_EQ(noticed(Delete{}, Lane::kLive), 1u);
  EXPECT_EQ(noticed(AccessChange{.scope = ScopeId("s"), .allow = listed("user:ada")}, Lane::kUrgent), 0u);
  EXPECT_EQ(noticed(AccessChange{.scope = ScopeId("s"), .deny = listed("ada")}, Lane::kUrgent), 1u);
  EXPECT_EQ(noticed(GroupChange{.group = Principal("group:g"), .members = listed("user:ada")}, Lane::kLive), 0u);
  EXPECT_EQ(noticed(GroupChange{.group = Principal("group:g"), .members = listed("ada")}, Lane::kLive), 1u);
  EXPECT_EQ(noticed(GroupChange{.group = Principal("g"), .members = {}}, Lane::kLive), 1u);
  EXPECT_EQ(noticed(SnapshotEdge{}, Lane::kBackfill), 0u);
  EXPECT_EQ(noticed(SnapshotEdge{}, Lane::kLive), 1u);
}

}  // namespace
}  // namespace freshet::kit
