#include "services/query/nesting.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet::query {
namespace {

TEST(Nesting, CountsWhatIsOpenAtOnce) {
  EXPECT_FALSE(NestsDeeperThan("", 0));
  EXPECT_FALSE(NestsDeeperThan(R"({"a": [1, [2]], "b": [3]})", 3));
  EXPECT_TRUE(NestsDeeperThan(R"({"a": [1, [2]], "b": [3]})", 2));
  EXPECT_FALSE(NestsDeeperThan("[][][][]{}{}", 1));
  EXPECT_TRUE(NestsDeeperThan(std::string(900'000, '['), kMostNesting));
}

TEST(Nesting, BracketsInStringsAreText) {
  EXPECT_FALSE(NestsDeeperThan(R"({"query": "[[[[ \" {{{{ \\"})", 1));
  EXPECT_TRUE(NestsDeeperThan(R"({"query": "\\", "filters": {}})", 1));
}

TEST(Nesting, BrokenTextEndsSomewhere) {
  for (const char* text : {"\"", "\"\\", "]]]]", "}", "[\"", "\\"}) EXPECT_FALSE(NestsDeeperThan(text, 1)) << text;
}

}  // namespace
}  // namespace freshet::query
