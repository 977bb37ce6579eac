#include "common/store/wire.h"

#include <gtest/gtest.h>

#include <limits>

namespace freshet::store {
namespace {

TEST(Wire, ReadsBackWhatItWrote) {
  std::string bytes;
  ValueWriter writer(bytes);
  writer.Number(0);
  writer.Number(127);
  writer.Number(128);
  writer.Number(std::numeric_limits<uint64_t>::max());
  writer.Flag(true);
  writer.Bytes("text");
  writer.At(FromMicros(-5));
  writer.Of(Version{1, 2, 3});
  writer.Of(Revision{4, 5});
  writer.Raw("rest");

  ValueReader reader(bytes);
  EXPECT_EQ(reader.Number(), 0u);
  EXPECT_EQ(reader.Number(), 127u);
  EXPECT_EQ(reader.Number(), 128u);
  EXPECT_EQ(reader.Number(), std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(reader.Flag());
  EXPECT_EQ(reader.Bytes(), "text");
  EXPECT_EQ(reader.At(), FromMicros(-5));
  EXPECT_EQ(reader.ReadVersion(), (Version{1, 2, 3}));
  EXPECT_EQ(reader.ReadRevision(), (Revision{4, 5}));
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_EQ(reader.Raw(4), "rest");
  EXPECT_TRUE(reader.AtEnd());
}

TEST(Wire, FailsForGoodWhereBytesAreMissing) {
  std::string bytes;
  ValueWriter writer(bytes);
  writer.Number(300);
  writer.Bytes("text");
  for (size_t size = 0; size < bytes.size(); ++size) {
    ValueReader reader(std::string_view(bytes).substr(0, size));
    (void)reader.Number();
    (void)reader.Bytes();
    EXPECT_TRUE(reader.failed()) << size;
    EXPECT_FALSE(reader.AtEnd());
    EXPECT_EQ(reader.Number(), 0u);
  }
}

TEST(Wire, DoesNotBelieveCountsThatTheBytesCannotHold) {
  std::string bytes;
  ValueWriter(bytes).Number(1'000'000'000'000);
  ValueReader reader(bytes);
  EXPECT_EQ(reader.Count(), 0u);
  EXPECT_TRUE(reader.failed());
}

TEST(Wire, RefusesNumbersOutsideTheirRange) {
  std::string bytes;
  ValueWriter(bytes).Number(uint64_t{1} << 32);
  ValueReader number(bytes);
  EXPECT_EQ(number.Number32(), 0u);
  EXPECT_TRUE(number.failed());
  ValueReader code(bytes);
  EXPECT_EQ(code.ReadCode(), Code::kOk);
  EXPECT_TRUE(code.failed());
  ValueReader step(bytes);
  (void)step.ReadStep();
  EXPECT_TRUE(step.failed());
  ValueReader endless(std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
  EXPECT_EQ(endless.Number(), 0u);
  EXPECT_TRUE(endless.failed());
}

}  // namespace
}  // namespace freshet::store
