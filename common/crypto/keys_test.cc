#include "common/crypto/keys.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

#include "common/base/bytes.h"

namespace freshet {
namespace {

const std::string kOldLine = "old " + std::string(64, '1') + "\n";
const std::string kNewLine = "new " + std::string(64, '2') + "\n";

KeyRing Ring(const std::string& file) { return KeyRing::Parse(file).value(); }

TEST(KeyRing, MakesLinesThatParseAndDiffer) {
  std::set<std::string> lines;
  for (int i = 0; i < 100; ++i) {
    const std::string line = KeyRing::NewKeyLine();
    EXPECT_TRUE(line.ends_with('\n'));
    EXPECT_TRUE(KeyRing::Parse(line).ok()) << "a new line is a key file";
    EXPECT_TRUE(lines.insert(line).second);
  }
  EXPECT_TRUE(KeyRing::Parse(KeyRing::NewKeyLine() + kOldLine).ok());
}

TEST(KeyRing, RefusesNoKeyFile) {
  EXPECT_EQ(KeyRing::Parse("").code(), Code::kConfiguration);
  EXPECT_EQ(KeyRing::Parse("-----BEGIN PRIVATE KEY-----").code(), Code::kConfiguration);
}

TEST(Payload, OpensWithItsContext) {
  const KeyRing keys = Ring(kNewLine);
  for (const size_t size : {0u, 1u, 2048u, 1u << 20}) {
    const std::string plain(size, 'p');
    const std::string sealed = keys.SealPayload(plain, "upsert/a/b/c@1:1");
    const Result<std::string> opened = keys.OpenPayload(sealed, "upsert/a/b/c@1:1");
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    EXPECT_EQ(*opened, plain);
  }
}

TEST(Payload, HasTheFormOfItsGrammar) {
  const std::string sealed = Ring(kNewLine).SealPayload("Anna Example", "context");
  EXPECT_EQ(sealed.substr(0, 5), std::string("\1\3new"));
  EXPECT_EQ(sealed.size(), 5 + 12 + std::string("Anna Example").size() + 16);
  EXPECT_EQ(sealed.find("Anna"), std::string::npos);
}

TEST(Payload, DiffersEachTime) {
  const KeyRing keys = Ring(kNewLine);
  EXPECT_NE(keys.SealPayload("same", "same"), keys.SealPayload("same", "same"));
}

TEST(Payload, DoesNotOpenInAnotherContext) {
  const KeyRing keys = Ring(kNewLine);
  const std::string sealed = keys.SealPayload("plain", "a/b");
  for (const char* context : {"", "a", "a/b/", "a/c", "A/b"}) {
    EXPECT_EQ(keys.OpenPayload(sealed, context).code(), Code::kSealMismatch) << context;
  }
}

TEST(Payload, DoesNotOpenWithOneBitChanged) {
  const KeyRing keys = Ring(kNewLine + kOldLine);
  const std::string sealed = keys.SealPayload("forty-two bytes of a sealed plain payload.", "context");
  for (size_t at = 0; at < sealed.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      const Code code = keys.OpenPayload(changed, "context").code();
      const bool in_key_id = at >= 2 && at < 5;
      EXPECT_TRUE(code == Code::kSealMismatch || code == Code::kCorruptRecord ||
                  ((in_key_id || at == 1) && code == Code::kKeyMissing))
          << "byte " << at << " bit " << bit << ": " << NameOf(code);
    }
  }
}

TEST(Payload, DoesNotOpenCutOrLengthened) {
  const KeyRing keys = Ring(kNewLine);
  const std::string sealed = keys.SealPayload("plain text", "context");
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(keys.OpenPayload(sealed.substr(0, size), "context").ok()) << size;
  }
  EXPECT_EQ(keys.OpenPayload(sealed + "x", "context").code(), Code::kSealMismatch);
  EXPECT_EQ(keys.OpenPayload("", "context").code(), Code::kCorruptRecord);
}

TEST(Payload, SurvivesRandomEnvelopes) {
  const KeyRing keys = Ring(kNewLine);
  std::mt19937_64 random(8);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 1;
    if (bytes.size() > 1) bytes[1] = static_cast<char>(random() % 8);
    EXPECT_FALSE(keys.OpenPayload(bytes, "context").ok());
  }
}

TEST(Mac, FitsItsBytesOnly) {
  const KeyRing keys = Ring(kNewLine);
  const KeyRing::Seal seal = keys.Mac("body");
  EXPECT_EQ(seal.mac.size(), 32u);
  EXPECT_EQ(seal.key_id, "new");
  EXPECT_TRUE(keys.CheckMac("body", seal).ok());
  EXPECT_EQ(keys.CheckMac("bodY", seal).code(), Code::kSealMismatch);
  EXPECT_EQ(keys.CheckMac("", seal).code(), Code::kSealMismatch);
  for (size_t at = 0; at < seal.mac.size() * 8; ++at) {
    KeyRing::Seal changed = seal;
    changed.mac[at / 8] = static_cast<char>(changed.mac[at / 8] ^ (1 << at % 8));
    EXPECT_EQ(keys.CheckMac("body", changed).code(), Code::kSealMismatch) << at;
  }
  EXPECT_EQ(keys.CheckMac("body", {.mac = seal.mac.substr(0, 31), .key_id = "new"}).code(), Code::kSealMismatch);
  EXPECT_EQ(keys.CheckMac("body", {.mac = "", .key_id = "new"}).code(), Code::kSealMismatch);
  EXPECT_EQ(keys.CheckMac("body", {.mac = seal.mac, .key_id = "other"}).code(), Code::kKeyMissing);
  EXPECT_EQ(keys.CheckMac("body", {.mac = seal.mac, .key_id = "no key id\n"}).code(), Code::kSealMismatch);
}

TEST(Mac, OfPartsIsThatOfTheWhole) {
  const KeyRing keys = Ring(kNewLine);
  const std::string_view parts[] = {"bo", "", "dy"};
  EXPECT_EQ(keys.Mac(parts).mac, keys.Mac("body").mac);
  EXPECT_TRUE(keys.CheckMac(parts, keys.Mac("body")).ok());
}

TEST(OpaqueId, IsStableAndSaysNothing) {
  const KeyRing keys = Ring(kOldLine);
  const std::string id = keys.OpaqueId("document", "Anna Example.md");
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(id, keys.OpaqueId("document", "Anna Example.md"));
  const std::set<std::string> different = {id,
                                           keys.OpaqueId("patient", "Anna Example.md"),
                                           keys.OpaqueId("document", "Anna Example.mD"),
                                           keys.OpaqueId("documentA", "nna Example.md"),
                                           keys.OpaqueId("", "documentAnna Example.md"),
                                           Ring(kNewLine).OpaqueId("document", "Anna Example.md")};
  EXPECT_EQ(different.size(), 6u);
  EXPECT_EQ(keys.OpaqueId("document", "Anna Example.md"), "3d0a75a57972093df249fe14a6820ea2")
      << "ids that are stored must not change";
}

TEST(SurrogateBytes, AreNotTheOpaqueId) {
  const KeyRing keys = Ring(kOldLine);
  EXPECT_EQ(keys.SurrogateBytes("name", "Anna").size(), 32u);
  EXPECT_NE(ToHex(keys.SurrogateBytes("name", "Anna")).substr(0, 32), keys.OpaqueId("name", "Anna"));
}

TEST(KeyRing, MayBeUsedFromManyThreads) {
  const KeyRing keys = Ring(kNewLine);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([keys, t] {
      const std::string plain(static_cast<size_t>(t) * 100, 'x');
      for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(keys.OpenPayload(keys.SealPayload(plain, "c"), "c").value(), plain);
        EXPECT_TRUE(keys.CheckMac(plain, keys.Mac(plain)).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace freshet
