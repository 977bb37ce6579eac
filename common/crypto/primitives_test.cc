#include "common/crypto/primitives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/base/bytes.h"

namespace freshet::crypto {
namespace {

std::string Hex(std::string_view hex) { return FromHex(hex).value(); }
std::string_view View(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct HkdfVector {
  const char* secret;
  const char* salt;
  const char* info;
  const char* out;
};

// RFC 5869, appendix A, test cases 1 to 3.
constexpr HkdfVector kHkdfVectors[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233343536373"
     "8393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f90919293949596979"
     "8999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e"
     "8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b83"
     "67793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

TEST(Hkdf, GivesWhatRfc5869Gives) {
  for (const HkdfVector& vector : kHkdfVectors) {
    const std::string secret = Hex(vector.secret), salt = Hex(vector.salt), info = Hex(vector.info);
    const std::string expected = Hex(vector.out);
    std::vector<uint8_t> out(expected.size());
    HkdfSha256({.secret = secret, .salt = salt, .info = info}, out);
    EXPECT_EQ(ToHex(View(out)), vector.out);
  }
}

// RFC 4231, test cases 1 and 2, whose keys HMAC pads with zeros to what SecretKey holds.
TEST(Hmac, GivesWhatRfc4231Gives) {
  const auto mac = [](std::string_view key_bytes, std::span<const std::string_view> parts) {
    SecretKey key;
    std::ranges::copy(key_bytes, key.bytes().begin());
    return ToHex(View(HmacSha256(key, parts)));
  };
  const std::string_view hi_there[] = {"Hi There"};
  EXPECT_EQ(mac(std::string(20, '\x0b'), hi_there), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  const std::string_view in_parts[] = {"what do ya want ", "", "for nothing?"};
  EXPECT_EQ(mac("Jefe", in_parts), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// The GCM specification (McGrew, Viega), test case 16: 256-bit key, 96-bit nonce, associated data.
TEST(Gcm, OpensWhatItsSpecificationSealed) {
  SecretKey key;
  std::ranges::copy(Hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"), key.bytes().begin());
  const std::string sealed = Hex(
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  std::string plain;
  ASSERT_TRUE(OpenSealed(key, sealed, Hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), plain));
  EXPECT_EQ(
      ToHex(plain),
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de6"
      "57ba637b39");
  EXPECT_FALSE(OpenSealed(key, sealed, "another", plain));
  EXPECT_TRUE(plain.empty());
}

TEST(Gcm, SealsAppendToWhatIsThere) {
  SecretKey key;
  for (const size_t size : {0u, 1u, 15u, 16u, 17u, 4096u}) {
    const std::string plain(size, 'x');
    std::string out = "head";
    AppendSealed(key, plain, "context", out);
    EXPECT_EQ(out.substr(0, 4), "head");
    EXPECT_EQ(out.size(), 4 + kNonceBytes + size + kTagBytes);
    std::string opened;
    ASSERT_TRUE(OpenSealed(key, std::string_view(out).substr(4), "context", opened)) << size;
    EXPECT_EQ(opened, plain);
  }
}

TEST(Gcm, TooShortToBeSealedIsNotOpened) {
  SecretKey key;
  std::string plain = "left over";
  for (size_t size = 0; size < kNonceBytes + kTagBytes; ++size) {
    EXPECT_FALSE(OpenSealed(key, std::string(size, '\0'), "", plain)) << size;
    EXPECT_TRUE(plain.empty());
  }
}

TEST(Random, NoncesDiffer) {
  std::set<std::array<uint8_t, kNonceBytes>> seen;
  for (int i = 0; i < 10'000; ++i) {
    std::array<uint8_t, kNonceBytes> nonce;
    RandomBytes(nonce);
    EXPECT_TRUE(seen.insert(nonce).second);
  }
}

// Reads memory after the key's life ended, in storage that the test owns.
TEST(SecretKey, LeavesNothingBehind) {
  alignas(SecretKey) std::array<uint8_t, sizeof(SecretKey)> storage{};
  auto* const key = new (storage.data()) SecretKey;
  std::ranges::fill(key->bytes(), uint8_t{0xA5});
  key->~SecretKey();
  const volatile uint8_t* const bytes = storage.data();
  for (size_t i = 0; i < storage.size(); ++i) EXPECT_NE(bytes[i], 0xA5) << i;
}

TEST(Wipe, EmptiesAStringAndItsSpareRoom) {
  std::string secret(100, 's');
  const char* const at = secret.data();
  secret.resize(10);
  Wipe(secret);
  EXPECT_TRUE(secret.empty());
  ASSERT_EQ(secret.data(), at);
  secret.resize(secret.capacity(), 'n');
  EXPECT_EQ(secret.find('s'), std::string::npos);
}

TEST(DieDeathTest, EndsTheProcess) { EXPECT_DEATH(Die("reason"), "Cryptography failed.*reason"); }

}  // namespace
}  // namespace freshet::crypto
