#include "common/crypto/key_file.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"

namespace freshet::crypto {
namespace {

const std::string kA(64, 'a');
const std::string kB(64, 'B');

std::string HexOf(const SecretKey* key) {
  return ToHex({reinterpret_cast<const char*>(key->bytes().data()), key->bytes().size()});
}

TEST(KeyFile, ReadsLinesCommentsAndBlanks) {
  const auto lines = ParseKeyFile("# made in 2026\r\n\n  new.1 \t" + kA + "   # current\r\n2025_k-2 " + kB);
  ASSERT_TRUE(lines.ok()) << lines.status().ToString();
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ((*lines)[0].id, "new.1");
  EXPECT_EQ((*lines)[1].id, "2025_k-2");
}

// What derives from a master key is for ever: stored envelopes, seals and ids depend on it.
TEST(KeyFile, DerivesEachPurposeByHkdf) {
  const auto lines = ParseKeyFile("k " + kA);
  ASSERT_TRUE(lines.ok());
  for (const KeyPurpose purpose : kKeyPurposes) {
    SecretKey expected;
    HkdfSha256({.secret = FromHex(kA).value(), .info = "freshet/v1/" + std::string(NameOf(purpose))}, expected.bytes());
    ASSERT_NE((*lines)[0].KeyOf(purpose), nullptr);
    EXPECT_EQ(HexOf((*lines)[0].KeyOf(purpose)), HexOf(&expected));
  }
  EXPECT_NE(HexOf((*lines)[0].KeyOf(KeyPurpose::kSeal)), HexOf((*lines)[0].KeyOf(KeyPurpose::kPayload)));
}

TEST(KeyFile, ReadsKeysOfSinglePurposes) {
  const auto lines = ParseKeyFile("k seal:" + kA + " id:" + kB);
  ASSERT_TRUE(lines.ok());
  const KeyLine& line = (*lines)[0];
  EXPECT_EQ(HexOf(line.KeyOf(KeyPurpose::kSeal)), kA);
  EXPECT_EQ(HexOf(line.KeyOf(KeyPurpose::kId)), std::string(64, 'b'));
  EXPECT_EQ(line.KeyOf(KeyPurpose::kPayload), nullptr);
  EXPECT_EQ(line.KeyOf(KeyPurpose::kSurrogate), nullptr);
}

TEST(KeyFile, WritesScopedLinesThatReadBack) {
  const auto whole = ParseKeyFile("k " + kA);
  const std::string text = FormatScopedLine((*whole)[0], {KeyPurpose::kSeal, KeyPurpose::kSurrogate});
  const auto scoped = ParseKeyFile(text);
  ASSERT_TRUE(scoped.ok()) << text;
  EXPECT_EQ(HexOf((*scoped)[0].KeyOf(KeyPurpose::kSeal)), HexOf((*whole)[0].KeyOf(KeyPurpose::kSeal)));
  EXPECT_EQ(HexOf((*scoped)[0].KeyOf(KeyPurpose::kSurrogate)), HexOf((*whole)[0].KeyOf(KeyPurpose::kSurrogate)));
  EXPECT_EQ((*scoped)[0].KeyOf(KeyPurpose::kPayload), nullptr);
  EXPECT_EQ(text.find(kA), std::string::npos) << "the master key is not given away";
  EXPECT_EQ(FormatScopedLine((*scoped)[0], {KeyPurpose::kPayload}), "");
}

TEST(KeyFile, RefusesWhatIsNoKeyFileAndNamesTheLineOnly) {
  const std::pair<std::string, const char*> wrong[] = {
      {"", "without a key"},
      {"# only a comment\n", "without a key"},
      {"k\n", "line 1: a key id without a secret"},
      {"k # " + kA, "line 1: a key id without a secret"},
      {"\nk " + kA.substr(1), "line 2: a secret is 64"},
      {"k " + kA + "a", "line 1: a secret is 64"},
      {"k " + kA.substr(1) + "g", "line 1: a secret is 64"},
      {"k " + kA + "\nk " + kB, "line 2: this key id stands"},
      {"k " + kA + " " + kB, "line 1: a key of all purposes stands alone"},
      {"k seal:" + kA + " " + kB, "line 1: a key of all purposes stands alone"},
      {"k seal:" + kA + " seal:" + kB, "line 1: a purpose is given twice"},
      {"k " + kA + " seal:" + kB, "line 1: a purpose is given twice"},
      {"k sale:" + kA, "line 1: a purpose is payload"},
      {"k/1 " + kA, "line 1: a key id is 1 to 64"},
      {std::string(65, 'k') + " " + kA, "line 1: a key id is 1 to 64"},
      {kA + kA + "\n", "line 1: a key id is 1 to 64"},
  };
  for (const auto& [text, message] : wrong) {
    const auto lines = ParseKeyFile(text);
    EXPECT_EQ(lines.code(), Code::kConfiguration) << message;
    EXPECT_NE(lines.status().message().find(message), std::string::npos) << lines.status().message();
    EXPECT_EQ(lines.status().message().find("aaaa"), std::string::npos) << "a message never shows a secret";
  }
}

TEST(KeyId, IsShortAndPlain) {
  EXPECT_TRUE(IsKeyId("k1") && IsKeyId("2026-01.a_B") && IsKeyId(std::string(64, 'k')));
  EXPECT_FALSE(IsKeyId("") || IsKeyId(std::string(65, 'k')) || IsKeyId("k 1") || IsKeyId("k\n") ||
               IsKeyId("k\xC3\xA9"));
}

}  // namespace
}  // namespace freshet::crypto
