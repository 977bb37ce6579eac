// The backlog: what is looked at again.
#include "connectors/folder/backlog.h"

#include <gmock/gmock.h>

namespace freshet::folder {
namespace {

using namespace std::chrono_literals;

class BacklogTest : public ::testing::Test {
 protected:
  FolderOptions options;
  Backlog backlog{options};
  Time now = FromMicros(1'000'000'000);
};

TEST_F(BacklogTest, WritingPostponesUpToALimit) {
  backlog.StillWritten("a", now);
  EXPECT_EQ(backlog.next_due(), now + options.settle);
  for (int i = 1; i < 100; ++i) backlog.StillWritten("a", now + i * 500ms);
  EXPECT_LE(backlog.next_due(), now + options.settle_limit + 20s);
  EXPECT_TRUE(backlog.IsOverdue("a", now + options.settle_limit));
  EXPECT_FALSE(backlog.IsOverdue("a", now + options.settle_limit / 2));
}

TEST_F(BacklogTest, WhatIsTakenIsForgottenUnlessPutBack) {
  backlog.StillWritten("a", now);
  backlog.StillWritten("b", now);
  EXPECT_TRUE(backlog.TakeDue(now).empty());
  const auto due = backlog.TakeDue(now + options.settle);
  EXPECT_EQ(due.size(), 2u);
  backlog.StillWritten("b", now + options.settle);
  for (const std::string& path : due) backlog.Settle(path);
  EXPECT_FALSE(backlog.Waits("a"));
  EXPECT_TRUE(backlog.Waits("b"));
}

TEST_F(BacklogTest, FailuresAreTriedWithGrowingPausesAndGivenUp) {
  Duration pause(0);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(backlog.Failed("a", now));
    EXPECT_GT(backlog.next_due() - now, pause);
    EXPECT_EQ(backlog.FirstFailure(), now);
    pause = backlog.next_due() - now;
  }
  EXPECT_LT(pause, 1s);
  EXPECT_FALSE(backlog.Failed("a", now));
  EXPECT_EQ(backlog.FirstFailure(), Time::max());
  EXPECT_FALSE(backlog.Waits("a"));
}

}  // namespace
}  // namespace freshet::folder
