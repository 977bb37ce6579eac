#include "common/base/utf8.h"

#include <gtest/gtest.h>
#include <unicode/utf8.h>

#include <random>

namespace freshet {
namespace {

// ICU's judgement: the peer that these functions stand in for.
bool IcuSaysValid(std::string_view bytes) {
  const auto size = static_cast<int32_t>(bytes.size());
  for (int32_t at = 0; at < size;) {
    UChar32 code_point = 0;
    U8_NEXT(bytes.data(), at, size, code_point);
    if (code_point < 0) return false;
  }
  return true;
}

// Every lead and second byte, and for the later ones each side of each limit that table 3-7 of Unicode has.
TEST(Utf8, AgreesWithIcuOnEverySequence) {
  static constexpr uint8_t kEdges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0xBF, 0xC0, 0xFF};
  for (int lead = 0; lead < 256; ++lead) {
    for (int second = 0; second < 256; ++second) {
      for (const uint8_t third : kEdges) {
        for (const uint8_t fourth : kEdges) {
          const char bytes[] = {char(lead), char(second), char(third), char(fourth)};
          for (size_t size = 1; size <= 4; ++size) {
            const std::string_view text(bytes, size);
            ASSERT_EQ(IsValidUtf8(text), IcuSaysValid(text))
                << lead << " " << second << " " << int(third) << " " << size;
          }
        }
      }
    }
  }
}

TEST(Utf8, AgreesWithIcuOnRandomBytes) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes;
    for (size_t n = random() % 20; n > 0; --n) AppendUtf8(bytes, static_cast<char32_t>(random() % 0xD800));
    if (!bytes.empty() && i % 2 == 0) bytes[random() % bytes.size()] = static_cast<char>(random());
    ASSERT_EQ(IsValidUtf8(bytes), IcuSaysValid(bytes));
  }
  EXPECT_TRUE(IsValidUtf8(""));
}

TEST(Utf8, EveryCodePointReadsBack) {
  std::string all;
  size_t count = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string one;
    AppendUtf8(one, c);
    ASSERT_TRUE(IsValidUtf8(one)) << uint32_t(c);
    size_t at = 0;
    ASSERT_EQ(NextCodePoint(one, at), c);
    ASSERT_EQ(at, one.size());
    all += one;
    ++count;
  }
  EXPECT_TRUE(IsValidUtf8(all));
  EXPECT_EQ(CountCodePoints(all), count);
}

TEST(Utf8, CountsInCodePoints) {
  const std::string text = "a\u00E9\u20AC\U0001F489z";  // 1, 2, 3, 4 and 1 bytes
  EXPECT_EQ(CountCodePoints(text), 5u);
  const size_t bytes[] = {0, 1, 3, 6, 10, 11};
  for (size_t i = 0; i < std::size(bytes); ++i) EXPECT_EQ(ByteOfCodePoint(text, i), bytes[i]) << i;
  EXPECT_EQ(ByteOfCodePoint(text, 99), text.size());
  EXPECT_EQ(ByteOfCodePoint("", 0), 0u);
}

// They are for valid text; on other bytes they may say anything but must stay inside.
TEST(Utf8, StaysInsideBrokenText) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(1 + random() % 8, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (size_t at = 0, before = 0; at < bytes.size(); before = at) {
      (void)NextCodePoint(bytes, at);
      ASSERT_GT(at, before);
      ASSERT_LE(at, bytes.size());
      if (at == bytes.size()) break;
    }
    EXPECT_LE(ByteOfCodePoint(bytes, random() % 10), bytes.size());
    EXPECT_LE(CountCodePoints(bytes), bytes.size());
  }
}

}  // namespace
}  // namespace freshet
