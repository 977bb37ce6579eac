#include "common/base/bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace freshet {
namespace {

using namespace std::literals;

TEST(Bytes, NumbersAreBigEndian) {
  std::string bytes;
  AppendBig16(bytes, 0x0102);
  AppendBig32(bytes, 0x03040506);
  AppendBig64(bytes, 0x0708090A0B0C0D0E);
  EXPECT_EQ(ToHex(bytes), "0102030405060708090a0b0c0d0e");
}

TEST(Bytes, KeysReadBack) {
  std::string key;
  AppendBig16(key, 65535);
  AppendText(key, "a\0b\0\xFF"sv);
  AppendVersion(key, {1, 2, 3});
  AppendText(key, "");
  key += "tail";
  ByteReader reader(key);
  uint16_t number = 0;
  std::string text, empty = "not empty";
  Version version;
  std::string_view tail;
  ASSERT_TRUE(reader.Big16(number) && reader.Text(text) && reader.ReadVersion(version) && reader.Text(empty));
  ASSERT_TRUE(reader.Bytes(4, tail));
  EXPECT_EQ(number, 65535);
  EXPECT_EQ(text, "a\0b\0\xFF"sv);
  EXPECT_EQ(version, (Version{1, 2, 3}));
  EXPECT_EQ(empty, "");
  EXPECT_EQ(tail, "tail");
  EXPECT_TRUE(reader.rest().empty());
}

// Bytes that a text may hold and that the escape is about, more often than others.
std::string RandomText(std::mt19937_64& random) {
  static constexpr char kLikely[] = {'\0', '\1', '\2', '\xFE', '\xFF', 'a'};
  std::string text(random() % 6, ' ');
  for (char& c : text) c = random() % 8 == 0 ? static_cast<char>(random()) : kLikely[random() % std::size(kLikely)];
  return text;
}

struct Key {
  std::string text;
  uint32_t number;
  Version version;
  auto operator<=>(const Key&) const = default;
};

Key RandomKey(std::mt19937_64& random) {
  const auto small = [&] { return random() % 3 == 0 ? random() : random() % 3; };
  return {RandomText(random), static_cast<uint32_t>(small()), {small(), small(), small()}};
}

std::string Encode(const Key& key) {
  std::string bytes;
  AppendText(bytes, key.text);
  AppendBig32(bytes, key.number);
  AppendVersion(bytes, key.version);
  return bytes;
}

TEST(Bytes, KeysSortAsTheirPartsDo) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 50'000; ++i) {
    const Key a = RandomKey(random), b = random() % 4 == 0 ? a : RandomKey(random);
    const std::string left = Encode(a), right = Encode(b);
    ASSERT_EQ(a < b, left < right) << ToHex(left) << " " << ToHex(right);
    ASSERT_EQ(a == b, left == right);
  }
}

TEST(Bytes, NoTextIsAnothersPrefix) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50'000; ++i) {
    const std::string a = RandomText(random), b = RandomText(random);
    std::string left, right;
    AppendText(left, a);
    AppendText(right, b);
    ASSERT_EQ(right.starts_with(left), a == b) << ToHex(a) << " " << ToHex(b);
  }
}

TEST(ByteReader, StaysWhereItIsWhereTheBytesEnd) {
  const std::string whole = Encode({"a\0b"s, 7, {1, 2, 3}});
  for (size_t size = 0; size < whole.size(); ++size) {
    ByteReader reader(std::string_view(whole).substr(0, size));
    std::string text = "kept";
    uint32_t number = 0;
    Version version;
    std::string_view before = reader.rest();
    bool read = reader.Text(text);
    if (read) before = reader.rest(), read = reader.Big32(number);
    if (read) before = reader.rest(), read = reader.ReadVersion(version);
    EXPECT_FALSE(read) << size;
    EXPECT_EQ(reader.rest(), before) << size;
  }
  ByteReader reader("ab");
  std::string_view bytes;
  EXPECT_FALSE(reader.Bytes(3, bytes));
  EXPECT_EQ(reader.rest(), "ab");
}

TEST(ByteReader, RefusesEscapesThatNobodyWrites) {
  for (int next = 0; next < 256; ++next) {
    const std::string bytes = {'a', '\0', static_cast<char>(next), '\0', '\1'};
    ByteReader reader(bytes);
    std::string text;
    EXPECT_EQ(reader.Text(text), next == 1 || next == 0xFF) << next;
  }
}

TEST(Hex, ReadsBackInBothCases) {
  std::string all(256, '\0');
  for (int i = 0; i < 256; ++i) all[i] = static_cast<char>(i);
  EXPECT_EQ(*FromHex(ToHex(all)), all);
  EXPECT_EQ(*FromHex("00fFaA"), "\0\xFF\xAA"sv);
  EXPECT_EQ(*FromHex(""), "");
}

TEST(Hex, RefusesWhatIsNoPairOfDigits) {
  for (const char* text : {"0", "0g", "g0", "00 ", "0x00", "-1", "000"}) {
    EXPECT_EQ(FromHex(text).code(), Code::kInvalidArgument) << text;
  }
}

TEST(HashOf, IsTheBeginningOfSha256) {  // FIPS 180-4, the example "abc"
  EXPECT_EQ(ToHex(AsBytes(HashOf("abc"))), "ba7816bf8f01cfea414140de5dae2223");
  EXPECT_EQ(ToHex(AsBytes(HashOf(""))), "e3b0c44298fc1c149afbf4c8996fb924");
}

}  // namespace
}  // namespace freshet
