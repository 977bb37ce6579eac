#include "common/config/nearest.h"

#include <gtest/gtest.h>

#include "common/config/byte_size.h"

namespace freshet {
namespace {

TEST(NearestTest, DistanceCountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("root", "root"), 0u);
  EXPECT_EQ(EditDistance("roott", "root"), 1u);
  EXPECT_EQ(EditDistance("rot", "root"), 1u);
  EXPECT_EQ(EditDistance("rook", "root"), 1u);
  EXPECT_EQ(EditDistance("orot", "root"), 1u) << "two neighbours swapped are one edit";
  EXPECT_EQ(EditDistance("", "root"), 4u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("ca", "abc"), 3u) << "no edit within a swap";
}

TEST(NearestTest, TheNearestIsFoundAndTheFarIsNot) {
  const std::vector<std::string_view> known = {"settle", "root", "max_staleness"};
  EXPECT_EQ(NearestName("roott", known), "root");
  EXPECT_EQ(NearestName("settel", known), "settle");
  EXPECT_EQ(NearestName("max_stalenes", known), "max_staleness");
  EXPECT_EQ(NearestName("listen", known), std::nullopt);
  EXPECT_EQ(NearestName(std::string(100'000, 'r'), known), std::nullopt);
  EXPECT_EQ(NearestName("root", {}), std::nullopt);
}

TEST(NearestTest, SuggestsOneOrListsAll) {
  EXPECT_EQ(Suggestion("roott", {"root", "settle"}), "; did you mean \"root\"?");
  EXPECT_EQ(Suggestion("listen", {"root", "settle"}), "; known: \"root\", \"settle\"");
  EXPECT_EQ(Suggestion("listen", {}), "; none is known here");
}

TEST(ByteSizeTest, IsReadAndWritten) {
  EXPECT_EQ(*ParseByteSize("64MiB"), 64_MiB);
  EXPECT_EQ(*ParseByteSize("0B"), ByteSize{});
  EXPECT_EQ(*ParseByteSize("1TiB"), ByteSize{1ull << 40});
  for (const char* text : {"0B", "1B", "1023B", "1KiB", "1536B", "64MiB", "3GiB", "16777215TiB"}) {
    const Result<ByteSize> size = ParseByteSize(text);
    ASSERT_TRUE(size.ok()) << text;
    EXPECT_EQ(FormatByteSize(*size), text);
  }
}

TEST(ByteSizeTest, WhatIsNoSizeIsRefused) {
  for (const char* text :
       {"", "64", "MiB", "-1B", "1.5MiB", "64 MiB", "64MB", "64mib", "16777216TiB", "99999999999999999999B", "0x1B"}) {
    EXPECT_EQ(ParseByteSize(text).code(), Code::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace freshet
