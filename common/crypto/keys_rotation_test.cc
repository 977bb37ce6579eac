#include <gtest/gtest.h>

#include "common/crypto/keys.h"

namespace freshet {
namespace {

const std::string kOldLine = "old " + std::string(64, '1') + "\n";
const std::string kNewLine = "new " + std::string(64, '2') + "\n";

KeyRing Ring(const std::string& file) { return KeyRing::Parse(file).value(); }

TEST(Rotation, OldSealsOpenAndNewOnesAreByTheNewKey) {
  const KeyRing before = Ring(kOldLine), after = Ring(kNewLine + kOldLine), retired = Ring(kNewLine);
  const std::string old_payload = before.SealPayload("plain", "context");
  const KeyRing::Seal old_seal = before.Mac("bytes");

  EXPECT_EQ(*after.OpenPayload(old_payload, "context"), "plain");
  EXPECT_TRUE(after.CheckMac("bytes", old_seal).ok());
  EXPECT_EQ(after.Mac("bytes").key_id, "new");
  EXPECT_EQ(after.SealPayload("plain", "context").substr(2, 3), "new");

  EXPECT_EQ(retired.OpenPayload(old_payload, "context").code(), Code::kKeyMissing);
  EXPECT_EQ(retired.CheckMac("bytes", old_seal).code(), Code::kKeyMissing);
}

TEST(Rotation, AKeyOfTheSameIdButOtherBytesOpensNothing) {
  const KeyRing keys = Ring(kOldLine), forged = Ring("old " + std::string(64, '3'));
  EXPECT_EQ(forged.OpenPayload(keys.SealPayload("plain", "c"), "c").code(), Code::kSealMismatch);
  EXPECT_EQ(forged.CheckMac("bytes", keys.Mac("bytes")).code(), Code::kSealMismatch);
}

TEST(Rotation, DoesNotRenameDocuments) {
  const KeyRing before = Ring(kOldLine), after = Ring(kNewLine + kOldLine);
  EXPECT_EQ(before.OpaqueId("document", "MRN 12345/note.md"), after.OpaqueId("document", "MRN 12345/note.md"));
  EXPECT_EQ(before.SurrogateBytes("date", "p1"), after.SurrogateBytes("date", "p1"));
  // The old key's other purposes may be retired while its names live on.
  const KeyRing names = Ring(kNewLine + before.ScopedTo({KeyPurpose::kId, KeyPurpose::kSurrogate}));
  EXPECT_EQ(before.OpaqueId("document", "MRN 12345/note.md"), names.OpaqueId("document", "MRN 12345/note.md"));
  EXPECT_EQ(names.OpenPayload(before.SealPayload("p", "c"), "c").code(), Code::kKeyMissing);
}

TEST(Scope, AProcessMayHoldLessThanTheWhole) {
  const KeyRing whole = Ring(kNewLine + kOldLine);
  const KeyRing index = Ring(whole.ScopedTo({KeyPurpose::kSeal}));
  EXPECT_TRUE(whole.Require({KeyPurpose::kPayload, KeyPurpose::kSeal, KeyPurpose::kId, KeyPurpose::kSurrogate}).ok());
  EXPECT_TRUE(index.Require({KeyPurpose::kSeal}).ok());
  EXPECT_TRUE(index.CheckMac("body", whole.Mac("body")).ok());
  EXPECT_TRUE(index.CheckMac("body", Ring(kOldLine).Mac("body")).ok());

  const Status missing = index.Require({KeyPurpose::kSeal, KeyPurpose::kId});
  EXPECT_EQ(missing.code(), Code::kKeyMissing);
  EXPECT_NE(missing.message().find("id key"), std::string::npos);
  EXPECT_EQ(index.OpenPayload(whole.SealPayload("p", "c"), "c").code(), Code::kKeyMissing);
}

TEST(ScopeDeathTest, UsingWhatRequireRefusesEndsTheProcess) {
  const KeyRing index = Ring(Ring(kNewLine).ScopedTo({KeyPurpose::kSeal}));
  EXPECT_DEATH((void)index.SealPayload("plain", "context"), "Require");
  EXPECT_DEATH((void)index.OpaqueId("document", "native"), "Require");
}

}  // namespace
}  // namespace freshet
