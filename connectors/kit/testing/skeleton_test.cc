// `freshet connector new`: what it writes is built here as it is, and passes the kit.
#include "connectors/kit/skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "connectors/example_feed/connector.h"
#include "connectors/example_feed/rig.h"
#include "connectors/kit/conform.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

TEST(Skeleton, CompilesAndConforms) {
  const auto results = kit::Conform([] { return example_feed::MakeExampleFeedRig({}); }, {.histories = 20});
  EXPECT_TRUE(kit::AllHeld(results)) << kit::ConformTable(results);
}

TEST(Skeleton, NamesThatAreNoneAreRefused) {
  for (const char* name : {"", "Feed", "feed-x", "_feed", "feed_", "a__b", "../feed"}) {
    EXPECT_EQ(kit::Skeleton(name).code(), Code::kConfiguration) << name;
  }
  EXPECT_THAT(kit::SkeletonRow("my_feed"), HasSubstr("&my_feed::MakeMyFeedConnector"));
}

TEST(Skeleton, EveryFileSpeaksOfItsConnector) {
  const auto files = kit::Skeleton("ward_list");
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->size(), 7u);
  for (const kit::SkeletonFile& file : *files) {
    EXPECT_EQ(file.text.find('@'), std::string::npos) << file.name;
    EXPECT_THAT(file.text, HasSubstr("ward_list")) << file.name;
    EXPECT_NE(file.text.front(), '\n') << file.name;
  }
}

}  // namespace
}  // namespace freshet
