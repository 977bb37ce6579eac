// What was written once is read for ever: the stored bytes of v1 decode to the values that they were made of, and
// those values give the same bytes again (but for payloads, whose sealing is random).
//
// To store bytes of a new kind:  FRESHET_WRITE_TESTDATA=1 freshet_schemas_test --gtest_filter='Compatibility.*'
// which writes only files that do not exist: stored bytes are never changed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "schemas/codec.h"
#include "schemas/test_print.h"
#include "schemas/test_records.h"

namespace freshet {
namespace {

using testing::Print;
using testing::TestEnvelopes;
using testing::TestKeys;

const std::filesystem::path kFolder = "schemas/testdata/v1";

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteHex(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  const std::string hex = ToHex(bytes);
  for (size_t at = 0; at < hex.size(); at += 96) file << hex.substr(at, 96) << "\n";
}

// The stored bytes under a name; in the mode that stores, `fresh` is stored first where nothing is.
std::string Stored(const std::string& name, const std::string& fresh) {
  const std::filesystem::path path = kFolder / (name + ".hex");
  if (std::getenv("FRESHET_WRITE_TESTDATA") != nullptr && !std::filesystem::exists(path)) WriteHex(path, fresh);
  std::string hex = ReadText(path);
  std::erase(hex, '\n');
  const Result<std::string> bytes = FromHex(hex);
  EXPECT_TRUE(bytes.ok() && !bytes->empty()) << path;
  return bytes.ok() ? *bytes : "";
}

TEST(Compatibility, TheStoredKeyIsTheTestKey) { EXPECT_EQ(ReadText(kFolder / "test.key"), testing::TestKeyFile()); }

TEST(Compatibility, Changes) {
  for (const auto& [name, event] : testing::TestChanges()) {
    const std::string fresh = EncodeChange(event, TestKeys()).value();
    const std::string stored = Stored(name, fresh);
    const Result<ChangeEvent> decoded = DecodeChange(stored, TestKeys());
    ASSERT_TRUE(decoded.ok()) << name << " " << decoded.status().ToString();
    EXPECT_EQ(Print(*decoded), Print(event)) << name;
    const bool is_sealed = name == "change_upsert" || name == "change_identity";
    EXPECT_TRUE(is_sealed || fresh == stored) << name << " " << ToHex(fresh);
  }
}

template <class Body>
void CheckEnvelopes(const std::string& prefix, Body body,
                    Result<std::string> (*encode)(const Envelope<Body>&, const KeyRing&),
                    Result<Envelope<Body>> (*decode)(std::string_view, const KeyRing&)) {
  for (const auto& [name, envelope] : TestEnvelopes(std::move(body))) {
    const std::string fresh = encode(envelope, TestKeys()).value();
    const std::string stored = Stored(prefix + "_" + name, fresh);
    const Result<Envelope<Body>> decoded = decode(stored, TestKeys());
    ASSERT_TRUE(decoded.ok()) << prefix << " " << name << " " << decoded.status().ToString();
    EXPECT_EQ(Print(*decoded), Print(envelope)) << prefix << " " << name;
    EXPECT_EQ(ToHex(fresh), ToHex(stored)) << prefix << " " << name;
  }
}

TEST(Compatibility, Documents) {
  CheckEnvelopes<CleanDocument>("clean", testing::TestClean(), EncodeClean, DecodeClean);
  CheckEnvelopes<ChunkedDocument>("chunked", testing::TestChunked(), EncodeChunked, DecodeChunked);
  CheckEnvelopes<EmbeddedDocument>("embedded", testing::TestEmbedded(), EncodeEmbedded, DecodeEmbedded);
}

TEST(Compatibility, DeadLetters) {
  const std::string fresh = EncodeDeadLetter(testing::TestDeadLetter());
  const std::string stored = Stored("dead_letter", fresh);
  EXPECT_EQ(Print(DecodeDeadLetter(stored).value()), Print(testing::TestDeadLetter()));
  EXPECT_EQ(ToHex(fresh), ToHex(stored));
}

TEST(Compatibility, SealedCleanDocuments) {
  const std::string fresh = EncodeSealedClean(Seal(testing::TestClean(), testing::TestOrigin(), TestKeys()));
  const std::string stored = Stored("sealed_clean", fresh);
  const SealedClean sealed = DecodeSealedClean(stored).value();
  EXPECT_EQ(Print(DecodeSealed(sealed, testing::TestOrigin(), TestKeys()).value()), Print(testing::TestClean()));
  EXPECT_EQ(ToHex(fresh), ToHex(stored));
}

// A file that no test reads would be a promise that nobody keeps.
TEST(Compatibility, EveryStoredFileIsRead) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) files += entry.path().extension() == ".hex";
  EXPECT_EQ(files, testing::TestChanges().size() + 3 * TestEnvelopes(testing::TestClean()).size() + 2);
}

}  // namespace
}  // namespace freshet
