#include "common/base/version.h"

#include <gtest/gtest.h>

#include <random>

namespace freshet {
namespace {

TEST(Version, PrintsItsOrdinalOnlyWhereItHasOne) {
  EXPECT_EQ((Version{.epoch = 1, .position = 42}).ToString(), "1:42");
  EXPECT_EQ((Version{.epoch = 1, .position = 42, .ordinal = 7}).ToString(), "1:42:7");
  EXPECT_EQ(Version{}.ToString(), "0:0");
}

TEST(Version, ReadsBackWhatItPrints) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const Version version{random() >> (random() % 64), random() >> (random() % 64), random() >> (random() % 64)};
    const Result<Version> read = Version::Parse(version.ToString());
    ASSERT_TRUE(read.ok()) << version.ToString();
    EXPECT_EQ(*read, version);
  }
  EXPECT_EQ(*Version::Parse("18446744073709551615:0"), (Version{.epoch = UINT64_MAX}));
}

TEST(Version, RefusesEverythingElse) {
  for (const char* text : {"", ":", "1", "1:", ":1", "1:2:", "1:2:3:", "1:2:3:4", "-1:2", "+1:2", "1: 2", " 1:2",
                           "1:2 ", "a:b", "1:2x", "18446744073709551616:0", "1.2"}) {
    EXPECT_EQ(Version::Parse(text).code(), Code::kInvalidArgument) << '"' << text << '"';
  }
}

TEST(Version, OrdersByEpochThenPositionThenOrdinal) {
  const Version ascending[] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, UINT64_MAX}, {0, UINT64_MAX, 0}, {1, 0, 0}};
  for (size_t i = 0; i + 1 < std::size(ascending); ++i) EXPECT_LT(ascending[i], ascending[i + 1]) << i;
}

TEST(Revision, OrdersByDeidRunThenEmbedRun) {
  EXPECT_LT((Revision{1, 9}), (Revision{2, 0}));
  EXPECT_LT((Revision{1, 0}), (Revision{1, 1}));
}

}  // namespace
}  // namespace freshet
