// The rule of versions, across a crash and within a life.
#include "connectors/kit/invariants.h"

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
  // The host also checks each event by itself, and these are bare.
  std::string Broken() {
    host_.violations.clear();
    return BrokenInvariant(host_, {.times = false});
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

}  // namespace
}  // namespace freshet::kit
