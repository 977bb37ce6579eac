// The stage: what becomes of an Upsert, by policy.
#include "services/deid/deid.h"

#include <gtest/gtest.h>

#include "schemas/opaque_patient.h"
#include "services/deid/detector_test_util.h"

namespace freshet::deid {
namespace {

using Outcome = Deid::Outcome;

class DeidTest : public testing::Test {
 protected:
  DeidTest() {
    origin_ = {.source = SourceName("ehr"), .collection = CollectionName("notes"), .document = DocumentId("00ff")};
    auto keys = KeyRing::Parse("k1 " + std::string(64, 'a'));
    state_.keys = std::make_shared<const KeyRing>(std::move(*keys));
    upsert_ = {
        .content = "Ada Quillfeather, MRN 471183, was seen on 03/04/2021.",
        .media_type = "text/plain",
        .title = "Visit of Ada Quillfeather",
        .uri = "file:///charts/quillfeather_471183.txt",
        .attributes = {{"department", {"infection-control"}}, {"mrn", {"471183"}}, {"author", {"Tobias Okonkwo"}}},
        .access_scope = ScopeId("scope-1"),
        .patients = {PatientId("p-471183")},
        .effective = *ParseTime("2021-03-04T09:30:00Z"),
        .native_id = "charts/quillfeather_471183.txt"};
    RosterBuilder builder;
    IdentityChange ada = Person("Ada", "Quillfeather");
    ada.patient = PatientId("p-471183");
    builder.Apply(origin_.source, ada);
    state_.roster = builder.Snapshot();
  }

  void UsePolicy(std::string_view name) { state_.policies[origin_.collection] = *FindPolicy(name); }

  Result<Outcome> Run() {
    static const std::unique_ptr<Deid> kDeid = std::move(*Deid::Make());
    const Deid::Input input{origin_, upsert_};
    auto outcomes = kDeid->Process({&input, 1}, state_);
    EXPECT_EQ(outcomes.size(), 1u);
    return std::move(outcomes[0]);
  }

  CleanDocument Clean() {
    Result<Outcome> outcome = Run();
    EXPECT_TRUE(outcome.ok()) << outcome.status().ToString();
    auto* forward = std::get_if<Forward<CleanDocument>>(&*outcome);
    EXPECT_NE(forward, nullptr) << NameOf(std::get<Skipped>(*outcome).code);
    return forward->body;
  }

  Code SkipCode() {
    Result<Outcome> outcome = Run();
    if (!outcome.ok()) return outcome.code();
    const auto* skipped = std::get_if<Skipped>(&*outcome);
    return skipped == nullptr ? Code::kOk : skipped->code;
  }

  Origin origin_;
  Upsert upsert_;
  DeidState state_;
};

TEST_F(DeidTest, SafeHarborIsTheDefault) {
  const CleanDocument clean = Clean();
  EXPECT_EQ(clean.text(), "[NAME], MRN [MRN], was seen on [DATE].");
  EXPECT_EQ(clean.title(), "Visit of [NAME]");
  EXPECT_EQ(clean.uri(), "");
  EXPECT_EQ(
      clean.attributes(),
      (std::vector<Attribute>{{"department", {"infection-control"}}, {"mrn", {"[MRN]"}}, {"author", {"[NAME]"}}}));
  EXPECT_EQ(clean.access_scope(), ScopeId("scope-1"));
  EXPECT_EQ(FormatTime(clean.effective()), "2021-01-01T00:00:00.000Z");
  EXPECT_EQ(clean.policy(), "safe_harbor@1");
  ASSERT_EQ(clean.blocks().size(), 1u);
  EXPECT_EQ(clean.TextOf(clean.blocks()[0]), clean.text());
}

TEST_F(DeidTest, PatientsLeaveOpaque) {
  const CleanDocument clean = Clean();
  ASSERT_EQ(clean.patients().size(), 1u);
  EXPECT_EQ(clean.patients()[0], OpaquePatient(*state_.keys, upsert_.patients[0]));
  EXPECT_EQ(clean.patients()[0].value.size(), 32u);
}

TEST_F(DeidTest, NoneChangesNothing) {
  UsePolicy("none");
  const CleanDocument clean = Clean();
  EXPECT_EQ(clean.text(), upsert_.content);
  EXPECT_EQ(clean.title(), upsert_.title);
  EXPECT_EQ(clean.uri(), upsert_.uri);
  EXPECT_EQ(clean.attributes(), upsert_.attributes);
  EXPECT_EQ(clean.effective(), upsert_.effective);
  EXPECT_EQ(clean.policy(), "none@1");
  EXPECT_NE(clean.patients()[0], upsert_.patients[0]) << "patients are opaque under every policy";
}

TEST_F(DeidTest, LimitedDataSetKeepsDatesAndTowns) {
  UsePolicy("limited_data_set");
  upsert_.content =
      "Ada Quillfeather, 93 years old, of Springfield, IL 62704, 12 Elm Street, seen 03/04/2021, tel 617-555-0123.";
  const CleanDocument clean = Clean();
  EXPECT_EQ(clean.text(), "[NAME], 93 years old, of Springfield, IL 62704, [ADDRESS], seen 03/04/2021, tel [PHONE].");
  EXPECT_EQ(clean.effective(), upsert_.effective);
}

TEST_F(DeidTest, AFileNameIsNoTitle) {
  for (const char* title : {"quillfeather_471183.txt", "quillfeather_471183", "QUILLFEATHER_471183.TXT"}) {
    upsert_.title = title;
    upsert_.content = "DISCHARGE SUMMARY\n\nShe went home.";
    EXPECT_EQ(Clean().title(), "DISCHARGE SUMMARY") << title;
  }
  upsert_.title = "";
  EXPECT_EQ(Clean().title(), "DISCHARGE SUMMARY");
}

TEST_F(DeidTest, TheDocumentsOwnNameGoesWhereverItStands) {
  state_.roster = nullptr;
  upsert_.content = "See quillfeather_471183.txt, or quillfeather 471183.";
  upsert_.attributes = {{"file", {"charts/quillfeather_471183.txt"}}};
  const CleanDocument clean = Clean();
  EXPECT_EQ(clean.text(), "See [ID], or [ID].");
  EXPECT_EQ(clean.attributes()[0].values[0], "[ID]");
}

TEST_F(DeidTest, SkipsByCode) {
  upsert_.content = "";
  EXPECT_EQ(SkipCode(), Code::kEmptyDocument);
  upsert_.content = " \n\t\n";
  EXPECT_EQ(SkipCode(), Code::kEmptyDocument);
  upsert_.content = "a\xFFz";
  EXPECT_EQ(SkipCode(), Code::kInvalidUtf8);
  upsert_.content = std::string("a\0b", 3);
  EXPECT_EQ(SkipCode(), Code::kBinaryContent);
  upsert_.content = std::string((4u << 20) + 1, 'a');
  EXPECT_EQ(SkipCode(), Code::kDocumentTooLarge);
  upsert_.content = "x";
  upsert_.media_type = "image/png";
  EXPECT_EQ(SkipCode(), Code::kUnsupportedMediaType);
  upsert_.media_type = "text/plain";
  upsert_.title = "\xFF";
  EXPECT_EQ(SkipCode(), Code::kInvalidUtf8);
}

TEST_F(DeidTest, WhatTheConnectorRefusedIsSkippedWithItsCode) {
  upsert_.refused = Code::kDocumentTooLarge;
  EXPECT_EQ(SkipCode(), Code::kDocumentTooLarge);
}

TEST_F(DeidTest, UnknownPatientsAreQuarantinedWhereThePolicyAsks) {
  Policy strict = *DefaultPolicy();
  strict.unknown_patient = UnknownPatient::kQuarantine;
  state_.policies[origin_.collection] = std::make_shared<const Policy>(strict);
  EXPECT_EQ(SkipCode(), Code::kOk);
  upsert_.patients.push_back(PatientId("p-unknown"));
  EXPECT_EQ(SkipCode(), Code::kQuarantined);
}

TEST_F(DeidTest, WithoutKeysNothingPasses) {
  state_.keys = nullptr;
  EXPECT_EQ(SkipCode(), Code::kKeyMissing);
}

TEST_F(DeidTest, OneOutcomeForEachInputInOrder) {
  static const std::unique_ptr<Deid> kDeid = std::move(*Deid::Make());
  std::vector<Upsert> upserts(5, upsert_);
  upserts[1].content = "";
  upserts[3].refused = Code::kIoError;
  std::vector<Deid::Input> inputs;
  for (const Upsert& upsert : upserts) inputs.push_back({origin_, upsert});
  const auto outcomes = kDeid->Process(inputs, state_);
  ASSERT_EQ(outcomes.size(), 5u);
  EXPECT_TRUE(std::holds_alternative<Forward<CleanDocument>>(*outcomes[0]));
  EXPECT_EQ(std::get<Skipped>(*outcomes[1]).code, Code::kEmptyDocument);
  EXPECT_EQ(std::get<Skipped>(*outcomes[1]).stage, Step::kDeid);
  EXPECT_TRUE(std::holds_alternative<Forward<CleanDocument>>(*outcomes[2]));
  EXPECT_EQ(std::get<Forward<CleanDocument>>(*outcomes[4]).body.text(),
            std::get<Forward<CleanDocument>>(*outcomes[0]).body.text());
}

TEST_F(DeidTest, TheSameInputGivesTheSameBytes) {
  const KeyRing& keys = *state_.keys;
  const SealedClean first = Seal(Clean(), origin_, keys);
  EXPECT_EQ(Seal(Clean(), origin_, keys).body, first.body);
  auto other = std::move(*Deid::Make());
  const Deid::Input input{origin_, upsert_};
  const auto outcomes = other->Process({&input, 1}, state_);
  EXPECT_EQ(Seal(std::get<Forward<CleanDocument>>(*outcomes[0]).body, origin_, keys).body, first.body);
}

TEST_F(DeidTest, UnicodeTricksDoNotHelp) {
  upsert_.content =
      "Ａｄａ Quillfea\u200Bther; QUILLFE\u0301ATHER; Quillfeаther; ＭＲＮ： ４７１\u200B１８３; 078\u201105\u20111120";
  EXPECT_EQ(Clean().text(), "[NAME]; [NAME]; [NAME]; ＭＲＮ： [MRN]; [SSN]");
}

}  // namespace
}  // namespace freshet::deid
