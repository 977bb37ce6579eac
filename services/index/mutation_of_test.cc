// What each kind of input means to the store: nothing is lost in silence.
#include "services/index/mutation_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/chunk_record.h"
#include "schemas/codec.h"
#include "schemas/opaque_patient.h"
#include "services/index/testing/embedded_documents.h"

namespace freshet::index {
namespace {

using freshet::testing::EmbeddedOf;
using freshet::testing::SourceOrigin;
using freshet::testing::TestKeys;
using ::testing::ElementsAre;

const Position kPosition{Stream(2), Partition(3), Offset(41)};
const Time kNow = Time(std::chrono::hours(1000));

store::Mutation Of(Envelope<EmbeddedDocument> envelope) {
  return MutationOf(Arrival<EmbeddedDocument>{std::move(envelope), kPosition}, TestKeys(), kNow);
}
store::Mutation Of(UrgentChange change) {
  Origin origin = SourceOrigin("files", "policies", 5);
  origin.document = DocumentId("a");
  return MutationOf(Arrival<UrgentChange>{{origin, std::move(change)}, kPosition}, TestKeys(), kNow);
}
// What is no content, as it comes in either kind of lane.
template <class Payload>
std::array<store::Mutation, 2> OfBoth(Payload payload) {
  const Origin origin = SourceOrigin("files", "policies", 5);
  return {MutationOf(Arrival<EmbeddedDocument>{{origin, payload}, kPosition}, TestKeys(), kNow),
          MutationOf(Arrival<UrgentChange>{{origin, payload}, kPosition}, TestKeys(), kNow)};
}
template <class Change>
Change As(const store::Mutation& mutation) {
  const Change* change = std::get_if<Change>(&mutation.change);
  EXPECT_NE(change, nullptr) << "the change became kind " << mutation.change.index();
  return change == nullptr ? Change{} : *change;
}

// A new kind must be given a meaning here, and a test below.
static_assert(std::variant_size_v<UrgentChange> == 7);
static_assert(std::variant_size_v<decltype(Envelope<EmbeddedDocument>::payload)> == 6);
static_assert(std::variant_size_v<decltype(store::Mutation::change)> == 13);

TEST(MutationOf, CoordinatesAndPositionStayAndTheIndexStampsThem) {
  Envelope<EmbeddedDocument> envelope = EmbeddedOf({.id = "a", .version = 9, .text = "floor\n", .deid_run = 2});
  envelope.origin.StampOf(Step::kEmbed) = kNow - std::chrono::seconds(1);
  envelope.origin.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  envelope.origin.generation = 3;
  const store::Mutation mutation = Of(envelope);
  EXPECT_EQ(KeyOf(mutation.origin), KeyOf(envelope.origin));
  EXPECT_EQ(mutation.origin.version, (Version{1, 9}));
  EXPECT_EQ(mutation.origin.revision.deid_run, 2u);
  EXPECT_EQ(mutation.origin.traceparent, envelope.origin.traceparent);
  EXPECT_EQ(mutation.origin.generation, 3u);
  EXPECT_EQ(mutation.origin.StampOf(Step::kEmbed), kNow - std::chrono::seconds(1));
  EXPECT_EQ(mutation.origin.StampOf(Step::kIndex), kNow);
  EXPECT_EQ(mutation.position, kPosition);
}

TEST(MutationOf, ContentIsSealedWithItsChunksVectorsAndFacets) {
  const Time effective = Time(std::chrono::hours(24));
  const auto envelope = EmbeddedOf({.id = "a",
                                    .text = "# Falls\n\nKeep dry.\n\n## Assessment\n\nMorse scale.\n",
                                    .scope = "nurses",
                                    .title = "Falls policy",
                                    .uri = "file:///a",
                                    .attributes = {{"kind", {"policy", "draft"}}},
                                    .patients = {PatientId("MRN-4711")},
                                    .effective = effective});
  const EmbeddedDocument& document = *envelope.body();
  const auto put = As<store::PutDocument>(Of(envelope));
  EXPECT_EQ(put.title, "Falls policy");
  EXPECT_EQ(put.access_scope, ScopeId("nurses"));
  EXPECT_EQ(put.effective, effective);
  EXPECT_EQ(put.model, "hashing-384");
  EXPECT_EQ(put.dimensions, 384u);
  EXPECT_EQ(put.vectors, document.vectors);
  EXPECT_THAT(put.attributes,
              ElementsAre(std::pair("kind", std::vector<std::string>{"policy", "draft"}),
                          std::pair("patient", std::vector{OpaquePatient(TestKeys(), PatientId("MRN-4711")).value})));
  ASSERT_EQ(put.chunks.size(), document.chunked.chunks->size());
  ASSERT_EQ(put.chunks.size(), 2u);
  EXPECT_EQ(put.chunks[0].text, "Keep dry.");
  EXPECT_EQ(put.chunks[1].section, "Falls\nAssessment");
  EXPECT_EQ(put.chunks[1].hash, document.chunked.chunks->at(1).hash);
  // The seal that de-identification put on it holds for these coordinates and no others.
  const auto sealed = DecodeSealedClean(put.sealed);
  ASSERT_TRUE(sealed.ok());
  const auto clean = DecodeSealed(*sealed, envelope.origin, TestKeys());
  ASSERT_TRUE(clean.ok());
  EXPECT_EQ(clean->text(), document.chunked.clean.text());
  const auto chunk = DecodeChunkRecord(put.chunks[1].record, *clean);
  ASSERT_TRUE(chunk.ok());
  EXPECT_EQ(TextOf(*clean, *chunk), "Morse scale.");
  Origin other = envelope.origin;
  other.document = DocumentId("b");
  EXPECT_EQ(DecodeSealed(*sealed, other, TestKeys()).code(), Code::kSealMismatch);
}

TEST(MutationOf, ContentWithoutVectorsOrChunksIsContent) {
  EXPECT_EQ(As<store::PutDocument>(Of(EmbeddedOf({.id = "a", .text = "floor\n", .vectors = false}))).vectors, nullptr);
  EXPECT_TRUE(As<store::PutDocument>(Of(EmbeddedOf({.id = "a", .text = ""}))).chunks.empty());
}

TEST(MutationOf, EveryUrgentChange) {
  As<store::DeleteDocument>(Of(Delete{Delete::Reason::kEnteredInError}));
  const auto access = As<store::SetAccess>(Of(AccessChange{.scope = ScopeId("s"),
                                                           .allow = {Principal("user:ada")},
                                                           .deny = {Principal("group:x")},
                                                           .content_version = Version{1, 7},
                                                           .removed = true}));
  EXPECT_EQ(access.scope, ScopeId("s"));
  EXPECT_THAT(access.allow, ElementsAre(Principal("user:ada")));
  EXPECT_THAT(access.deny, ElementsAre(Principal("group:x")));
  EXPECT_EQ(access.content_version, (Version{1, 7}));
  EXPECT_TRUE(access.removed);
  const auto group = As<store::SetGroup>(Of(GroupChange{Principal("group:g"), {Principal("user:ada")}}));
  EXPECT_EQ(group.group, Principal("group:g"));
  EXPECT_THAT(group.members, ElementsAre(Principal("user:ada")));
  const auto consent = As<store::SetConsent>(Of(ConsentChange{PatientId("p"), "research"}));
  EXPECT_EQ(consent.patient, PatientId("p"));
  EXPECT_EQ(consent.scope, "research");
  const auto withheld = As<store::SetWithheld>(Of(Withhold{Code::kQuarantined}));
  EXPECT_TRUE(withheld.withheld);
  EXPECT_EQ(withheld.reason, Code::kQuarantined);
  EXPECT_FALSE(As<store::SetWithheld>(Of(Release{})).withheld);
  EXPECT_EQ(As<store::ConfirmDeletes>(Of(Confirm{})).begin, SourceOrigin("files", "policies", 5).version)
      << "it names a snapshot";
}

TEST(MutationOf, WhatIsNoContentMeansTheSameInEveryLane) {
  for (const auto& mutation : OfBoth(Skipped{Code::kBinaryContent, Step::kDeid})) {
    const auto skip = As<store::SkipDocument>(mutation);
    EXPECT_EQ(skip.code, Code::kBinaryContent);
    EXPECT_EQ(skip.stage, Step::kDeid);
  }
  for (const auto& mutation : OfBoth(Heartbeat{kNow})) {
    EXPECT_EQ(As<store::AdvanceTime>(mutation).committed_up_to, kNow);
  }
  for (const auto& mutation : OfBoth(SnapshotEdge{SnapshotEdge::Side::kBegin, {1, 8}})) {
    EXPECT_EQ(As<store::BeginSnapshot>(mutation).begin, (Version{1, 8}));
  }
  for (const auto& mutation : OfBoth(SnapshotEdge{SnapshotEdge::Side::kEnd, {1, 8}})) {
    EXPECT_EQ(As<store::EndSnapshot>(mutation).begin, (Version{1, 8}));
  }
  for (const auto& mutation : OfBoth(Present{})) As<store::MarkPresent>(mutation);
  for (const auto& mutation : OfBoth(Lost{Code::kExpired, 12, Step::kChunk})) {
    const auto lost = As<store::LoseRecords>(mutation);
    EXPECT_EQ(lost.code, Code::kExpired);
    EXPECT_EQ(lost.count, 12u);
    EXPECT_EQ(lost.stage, Step::kChunk);
  }
}

class LexicalTextsTest : public ::testing::Test {
 protected:
  LexicalTextsTest() : envelope_(EmbeddedOf({.id = "a", .text = "# Falls\n\nKeep dry.\n", .title = "Policy"})) {
    const auto put = As<store::PutDocument>(Of(envelope_));
    sealed_ = put.sealed;
    for (const store::PutChunk& chunk : put.chunks) records_.push_back(chunk.record);
  }
  Code CodeOfTexts(const Origin& origin, const std::string& sealed) {
    return LexicalTextsOf(origin, sealed, records_, TestKeys()).code();
  }

  Envelope<EmbeddedDocument> envelope_;
  std::string sealed_;
  std::vector<std::string> records_;
};

TEST_F(LexicalTextsTest, AreReadBackFromWhatIsStored) {
  const auto texts = LexicalTextsOf(envelope_.origin, sealed_, records_, TestKeys());
  ASSERT_TRUE(texts.ok());
  ASSERT_EQ(texts->size(), 1u);
  EXPECT_EQ(texts->at(0).title, "Policy");
  EXPECT_EQ(texts->at(0).section, "Falls");
  EXPECT_EQ(texts->at(0).text, "Keep dry.");
}

TEST_F(LexicalTextsTest, WhatWasTamperedWithIsNotRead) {
  Origin other = envelope_.origin;
  other.version.position += 1;
  EXPECT_EQ(CodeOfTexts(other, sealed_), Code::kSealMismatch);
  std::string changed = sealed_;
  changed[changed.find("Keep")] = 'k';
  EXPECT_EQ(CodeOfTexts(envelope_.origin, changed), Code::kSealMismatch);
  EXPECT_EQ(CodeOfTexts(envelope_.origin, "no sealed document"), Code::kCorruptRecord);
  records_[0] = "no chunk";
  EXPECT_EQ(CodeOfTexts(envelope_.origin, sealed_), Code::kCorruptRecord);
}

}  // namespace
}  // namespace freshet::index
