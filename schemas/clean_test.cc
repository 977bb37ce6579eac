#include "schemas/clean.h"

#include <gtest/gtest.h>

#include "schemas/test_print.h"
#include "schemas/test_records.h"

namespace freshet {
namespace {

using testing::MakeClean;
using testing::Print;
using testing::SampleBody;
using testing::SealBody;
using testing::TestClean;
using testing::TestKeys;
using testing::TestOrigin;

static_assert(!std::is_default_constructible_v<CleanDocument>);
static_assert(!std::is_constructible_v<CleanDocument, CleanFields>);
static_assert(!std::is_constructible_v<CleanDocument, Upsert>);
static_assert(!std::is_convertible_v<std::string, CleanDocument>);

TEST(CleanDocument, HasWhatItsBodyHas) {
  const CleanDocument clean = TestClean();
  EXPECT_EQ(clean.title(), "Falls policy");
  EXPECT_EQ(clean.uri(), "https://example.org/falls");
  ASSERT_EQ(clean.blocks().size(), 4u);
  EXPECT_EQ(clean.blocks()[1].kind, Block::Kind::kHeading);
  EXPECT_EQ(clean.blocks()[1].level, 2u);
  EXPECT_EQ(clean.blocks()[3].source_place, "line=7");
  EXPECT_EQ(clean.TextOf(clean.blocks()[1]), "Assessment");
  EXPECT_EQ(clean.TextOf(clean.blocks()[2]), "Assess r\u00EFsk on admission \u2192 score.");
  EXPECT_EQ(Print(clean.attributes()), "[department=['infection-control']]");
  EXPECT_EQ(clean.access_scope(), ScopeId("policies"));
  EXPECT_EQ(clean.patients(), std::vector{PatientId("9f86d081884c7d65")});
  EXPECT_EQ(FormatTime(clean.effective()), "2026-01-31T00:00:00.000Z");
  EXPECT_EQ(clean.policy(), "safe_harbor@1");
}

TEST(Seal, OfWhatWasDecodedGivesTheSameBytes) {
  const SealedClean sealed = SealBody(SampleBody().SerializeAsString(), TestOrigin(), TestKeys());
  const CleanDocument clean = DecodeSealed(sealed, TestOrigin(), TestKeys()).value();
  const SealedClean again = Seal(clean, TestOrigin(), TestKeys());
  EXPECT_EQ(ToHex(again.body), ToHex(sealed.body));
  EXPECT_EQ(ToHex(again.seal), ToHex(sealed.seal));
  EXPECT_EQ(again.key_id, "v1");
}

TEST(Seal, OfAnEmptyDocumentDecodes) {
  const CleanDocument clean = MakeClean({});
  const SealedClean sealed = Seal(clean, TestOrigin(), TestKeys());
  EXPECT_EQ(sealed.body, "");
  EXPECT_EQ(Print(DecodeSealed(sealed, TestOrigin(), TestKeys()).value()), Print(clean));
}

TEST(Seal, OfALargeDocumentDecodes) {
  v1::CleanDocument body = SampleBody();
  body.mutable_text()->append(4u << 20, 'x');
  const CleanDocument clean = MakeClean(body);
  const SealedClean sealed = Seal(clean, TestOrigin(), TestKeys());
  EXPECT_TRUE(sealed.body == body.SerializeAsString());
  EXPECT_EQ(DecodeSealed(sealed, TestOrigin(), TestKeys())->text().size(), body.text().size());
}

Code CodeUnder(void (*change)(Origin&)) {
  const SealedClean sealed = Seal(TestClean(), TestOrigin(), TestKeys());
  Origin origin = TestOrigin();
  change(origin);
  return DecodeSealed(sealed, origin, TestKeys()).code();
}

// DESIGN §4.1: a sealed body cannot be taken for another document, another version or another run of deid.
TEST(Seal, BindsItsCoordinates) {
  EXPECT_EQ(CodeUnder([](Origin&) {}), Code::kOk);
  EXPECT_EQ(CodeUnder([](Origin& origin) { origin.source.value += "x"; }), Code::kSealMismatch);
  EXPECT_EQ(CodeUnder([](Origin& origin) { origin.collection.value += "x"; }), Code::kSealMismatch);
  EXPECT_EQ(CodeUnder([](Origin& origin) { origin.document.value += "x"; }), Code::kSealMismatch);
  EXPECT_EQ(CodeUnder([](Origin& origin) { ++origin.version.epoch; }), Code::kSealMismatch);
  EXPECT_EQ(CodeUnder([](Origin& origin) { ++origin.version.position; }), Code::kSealMismatch);
  EXPECT_EQ(CodeUnder([](Origin& origin) { ++origin.version.ordinal; }), Code::kSealMismatch);
  EXPECT_EQ(CodeUnder([](Origin& origin) { ++origin.revision.deid_run; }), Code::kSealMismatch);
  EXPECT_EQ(CodeUnder([](Origin& origin) {  // the same letters, cut elsewhere
              origin.source = SourceName("ehrn");
              origin.collection = CollectionName("otes");
            }),
            Code::kSealMismatch);
}

TEST(Seal, DoesNotBindWhatChangesWhileTheTextStays) {
  EXPECT_EQ(CodeUnder([](Origin& origin) { ++origin.revision.embed_run; }), Code::kOk);
  EXPECT_EQ(CodeUnder([](Origin& origin) { ++origin.generation; }), Code::kOk);
  EXPECT_EQ(CodeUnder([](Origin& origin) { origin.stamps = {}; }), Code::kOk);
  EXPECT_EQ(CodeUnder([](Origin& origin) { origin.traceparent.clear(); }), Code::kOk);
}

TEST(Seal, IsBrokenByAnyBitOfTheBody) {
  const SealedClean sealed = Seal(TestClean(), TestOrigin(), TestKeys());
  for (size_t bit = 0; bit < sealed.body.size() * 8; ++bit) {
    SealedClean changed = sealed;
    changed.body[bit / 8] = static_cast<char>(changed.body[bit / 8] ^ (1 << bit % 8));
    ASSERT_EQ(DecodeSealed(changed, TestOrigin(), TestKeys()).code(), Code::kSealMismatch) << bit;
  }
  SealedClean cut = sealed;
  cut.body.pop_back();
  EXPECT_EQ(DecodeSealed(cut, TestOrigin(), TestKeys()).code(), Code::kSealMismatch);
}

TEST(Seal, CannotBeMadeWithoutTheKey) {
  const KeyRing stranger = KeyRing::Parse("v1 " + std::string(64, '7')).value();
  const SealedClean forged = SealBody(SampleBody().SerializeAsString(), TestOrigin(), stranger);
  EXPECT_EQ(DecodeSealed(forged, TestOrigin(), TestKeys()).code(), Code::kSealMismatch);
  SealedClean unsealed = forged;
  unsealed.seal.clear();
  unsealed.key_id.clear();
  EXPECT_EQ(DecodeSealed(unsealed, TestOrigin(), TestKeys()).code(), Code::kSealMismatch);
  unsealed.key_id = "unknown";
  EXPECT_EQ(DecodeSealed(unsealed, TestOrigin(), TestKeys()).code(), Code::kKeyMissing);
}

Code CodeOfBody(const std::string& body) {
  return DecodeSealed(SealBody(body, TestOrigin(), TestKeys()), TestOrigin(), TestKeys()).code();
}

Code CodeOfBlocks(std::vector<std::pair<uint32_t, uint32_t>> ranges) {
  v1::CleanDocument body;
  body.set_text("a\u20ACb");  // boundaries at 0, 1, 4, 5
  for (const auto& [begin, end] : ranges) {
    v1::Block* const block = body.add_blocks();
    block->set_begin(begin);
    block->set_end(end);
  }
  return CodeOfBody(body.SerializeAsString());
}

// What is well sealed may still be of a writer with a defect; no reader may index outside the text for it.
TEST(DecodeSealed, ChecksBlocks) {
  EXPECT_EQ(CodeOfBlocks({}), Code::kOk);
  EXPECT_EQ(CodeOfBlocks({{0, 1}, {1, 4}, {4, 5}}), Code::kOk);
  EXPECT_EQ(CodeOfBlocks({{0, 0}, {5, 5}}), Code::kOk);
  EXPECT_EQ(CodeOfBlocks({{0, 2}}), Code::kCorruptRecord) << "inside a code point";
  EXPECT_EQ(CodeOfBlocks({{3, 5}}), Code::kCorruptRecord) << "inside a code point";
  EXPECT_EQ(CodeOfBlocks({{0, 6}}), Code::kCorruptRecord) << "past the end";
  EXPECT_EQ(CodeOfBlocks({{UINT32_MAX, UINT32_MAX}}), Code::kCorruptRecord);
  EXPECT_EQ(CodeOfBlocks({{4, 1}}), Code::kCorruptRecord) << "backwards";
  EXPECT_EQ(CodeOfBlocks({{0, 4}, {1, 5}}), Code::kCorruptRecord) << "overlap";
  EXPECT_EQ(CodeOfBlocks({{4, 5}, {0, 1}}), Code::kCorruptRecord) << "out of order";
}

TEST(DecodeSealed, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(CodeOfBody(std::string("\x0A\x02") + "ab"), Code::kOk);
  EXPECT_EQ(CodeOfBody(std::string("\x0A\x02") + "a\xFF"), Code::kCorruptRecord);
  EXPECT_EQ(CodeOfBody(std::string("\x12\x02") + "a\xC3"), Code::kCorruptRecord) << "a title too";
  EXPECT_EQ(CodeOfBody("\x0A\x7F"), Code::kCorruptRecord) << "no message";
}

TEST(DecodeSealed, IgnoresFieldsOfNewerWriters) {
  v1::CleanDocument body = SampleBody();
  body.GetReflection()->MutableUnknownFields(&body)->AddLengthDelimited(900, "new");
  body.mutable_blocks(0)->set_kind(static_cast<v1::Block::Kind>(77));
  const CleanDocument clean = MakeClean(body);
  EXPECT_EQ(clean.text(), SampleBody().text());
  EXPECT_EQ(clean.blocks()[0].kind, Block::Kind::kParagraph);
}

TEST(CleanDocument, CountsItsMemory) {
  const size_t small = TestClean().MemoryBytes();
  v1::CleanDocument body = SampleBody();
  body.mutable_text()->append(100'000, 'x');
  body.mutable_attributes(0)->add_values(std::string(50'000, 'y'));
  EXPECT_GE(MakeClean(body).MemoryBytes(), small + 150'000);
  EXPECT_GT(small, SampleBody().text().size());
  EXPECT_LT(small, 5000u);
}

}  // namespace
}  // namespace freshet
