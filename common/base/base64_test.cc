#include "common/base/base64.h"

#include <gtest/gtest.h>

#include <random>

namespace freshet {
namespace {

// RFC 4648, section 10.
TEST(Base64, TheStandardsExamples) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                                                          {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(ToBase64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
}

TEST(Base64, BackAndForth) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 500; ++i) {
    std::string bytes(random() % 70, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    std::string text = ToBase64(bytes);
    ASSERT_EQ(FromBase64(text), bytes);
    for (size_t at = text.size(); at-- > 0;) {
      if (random() % 9 == 0) text.insert(at, "\r\n");
    }
    ASSERT_EQ(FromBase64(text), bytes);
  }
}

TEST(Base64, WhatIsNone) {
  for (const char* text : {"A", "AA=A", "AAA===", "AA-_", "A$AA", "=", "AAAAA", "AA=", "AA", "NaN", "====", "A A="}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace freshet
