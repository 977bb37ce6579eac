#include "common/base/counted.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(Counted, OneIsNotMany) {
  EXPECT_EQ(Counted(0, "delete"), "0 deletes");
  EXPECT_EQ(Counted(1, "delete"), "1 delete");
  EXPECT_EQ(Counted(2, "delete"), "2 deletes");
  EXPECT_EQ(Counted(UINT64_MAX, "document"), "18446744073709551615 documents");
}

}  // namespace
}  // namespace freshet
