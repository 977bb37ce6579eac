#include "common/base/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace freshet {
namespace {

TEST(Status, IsOkByDefaultAndSaysNothing) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), Code::kOk);
  EXPECT_EQ(status.ToString(), "ok");
  EXPECT_TRUE(OkStatus().ok());
}

TEST(Status, PrintsItsNameAndMessage) {
  EXPECT_EQ(Status(Code::kDiskFull).ToString(), "disk_full");
  EXPECT_EQ(Status(Code::kDocumentTooLarge, "4300000 code points").ToString(),
            "document_too_large: 4300000 code points");
}

Result<int> Half(int number) {
  if (number % 2 != 0) return Status(Code::kInvalidArgument, "odd");
  return number / 2;
}

Result<int> Quarter(int number) {
  FRESHET_ASSIGN_OR_RETURN(const int half, Half(number));
  FRESHET_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

Status CheckQuarter(int number) {
  FRESHET_RETURN_IF_ERROR(Quarter(number).status());
  return OkStatus();
}

TEST(Result, HoldsAValueOrAStatus) {
  const Result<int> good = Half(8);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, 4);
  EXPECT_EQ(good.code(), Code::kOk);
  EXPECT_TRUE(good.status().ok());

  const Result<int> bad = Half(7);
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.code(), Code::kInvalidArgument);
  EXPECT_EQ(bad.status().message(), "odd");
}

TEST(Result, MacrosPassTheFirstErrorOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).code(), Code::kInvalidArgument);
  EXPECT_TRUE(CheckQuarter(8).ok());
  EXPECT_EQ(CheckQuarter(7).code(), Code::kInvalidArgument);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  ASSERT_TRUE(result.ok());
  const std::unique_ptr<int> taken = std::move(*result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, ReachesIntoItsValue) {
  Result<std::string> result(std::string("chart"));
  EXPECT_EQ(result->size(), 5u);
  result->append("s");
  EXPECT_EQ(std::move(result).value(), "charts");
}

}  // namespace
}  // namespace freshet
