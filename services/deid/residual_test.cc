// The scan before indexing: everything that it exists to catch, and nothing of what cleaning leaves on purpose.
#include "services/deid/residual.h"

#include <gtest/gtest.h>

#include "services/deid/clean_document_maker.h"
#include "services/deid/deid.h"

namespace freshet::deid {
namespace {

class ResidualTest : public testing::Test {
 protected:
  ResidualTest() {
    RosterBuilder builder;
    IdentityChange ada{.patient = PatientId("p1")};
    ada.names = {{.given = {"Ada", "Maria"}, .family = "Quillfeather"}};
    ada.identifiers = {{"mrn", "00-471183"}};
    ada.birth_date = "1961-03-04";
    ada.addresses = {"12 Elm Street, Springfield, IL 62704"};
    ada.telecoms = {"+1 617 555 0100", "ada@quill.example"};
    builder.Apply(kSource, ada);
    roster_ = builder.Snapshot();
  }

  static CleanFields Fields(std::string text) {
    const auto end = static_cast<uint32_t>(text.size());
    return {.text = std::move(text), .blocks = {{.begin = 0, .end = end}}};
  }
  std::string Scan(const CleanFields& fields, std::string_view policy = "safe_harbor") const {
    const Status status = ScanResidue(CleanDocumentMaker::Make(fields), kSource, **FindPolicy(policy), roster_.get());
    return status.ok() ? "clean" : status.message();
  }
  std::string Scan(std::string text) const { return Scan(Fields(std::move(text))); }

  inline static const SourceName kSource{"ehr"};
  std::shared_ptr<const Roster> roster_;
};

TEST_F(ResidualTest, FindsIdentitiesOfTheTenantAndHardShapes) {
  EXPECT_EQ(Scan("Seen by Ada Quillfeather."), "1 known identities, 0 hard shapes left.");
  EXPECT_EQ(Scan("QUILLFEATHER, ADA M."), "1 known identities, 0 hard shapes left.");
  EXPECT_EQ(Scan("number 471 183"), "clean") << "six digits are too few to be telling among all";
  EXPECT_EQ(Scan("call 617.555.0100, at 12 Elm St"), "2 known identities, 0 hard shapes left.");
  EXPECT_EQ(Scan("078-05-1120 or x@y.org"), "0 known identities, 2 hard shapes left.");
  EXPECT_EQ(Scan("Ａｄａ Quill\u200Bfeather"), "1 known identities, 0 hard shapes left.") << "unicode is seen through";
}

TEST_F(ResidualTest, LooksAtTitleAndAttributes) {
  CleanFields fields = Fields("All is well.");
  fields.title = "Visit of Ada Quillfeather";
  EXPECT_EQ(Scan(fields), "1 known identities, 0 hard shapes left.");
  fields.title = "";
  fields.attributes = {{"author", {"x", "ada@quill.example"}}};
  EXPECT_NE(Scan(fields), "clean");
  fields.attributes = {{"Ada Quillfeather", {"x"}}};
  EXPECT_NE(Scan(fields), "clean");
}

TEST_F(ResidualTest, LetsBeWhatCleaningLeaves) {
  EXPECT_EQ(Scan("[NAME], MRN [MRN], of [CITY], seen on [DATE]; Parkinson's disease, 120/80, 3-4 days, maria."),
            "clean");
  EXPECT_EQ(Scan(Fields("Ada Quillfeather"), "none"), "clean") << "a policy that cleans nothing is not scanned";
  EXPECT_EQ(Scan(Fields("078-05-1120"), "none"), "clean");
}

TEST_F(ResidualTest, WithoutARosterLooksForShapes) {
  roster_ = nullptr;
  EXPECT_EQ(Scan("Ada Quillfeather"), "clean");
  EXPECT_EQ(Scan("078-05-1120"), "0 known identities, 1 hard shapes left.");
}

TEST_F(ResidualTest, ASurrogateIsNoResidueButANumberIs) {
  Policy policy = *DefaultPolicy();
  for (Rule& rule : policy.rules) rule.action = Action::kSurrogate;
  const auto scan = [&](std::string text) {
    return ScanResidue(CleanDocumentMaker::Make(Fields(std::move(text))), kSource, policy, roster_.get()).ok();
  };
  EXPECT_TRUE(scan("Ada Quillfeather")) << "somebody's made-up name may be somebody else's";
  EXPECT_FALSE(scan("call 617 555 0100"));
}

// What the stage forwards passes the scan, whatever it was made of.
TEST_F(ResidualTest, WhatTheStageForwardsPasses) {
  const auto deid = std::move(*Deid::Make());
  const auto keys = std::make_shared<const KeyRing>(*KeyRing::Parse("k1 " + std::string(64, 'a')));
  const DeidState state{.roster = roster_, .keys = keys};
  const Origin origin{.source = kSource, .collection = CollectionName("notes"), .document = DocumentId("1")};
  for (const char* text : {"Ada Quillfeather, born 03/04/1961, 12 Elm Street, Springfield, IL 62704, ada@quill.example",
                           "Dr. Ada Quillfeather saw Maria Quillfeather; tel 6175550100; SSN 078-05-1120.",
                           "quillfeather ada; ADA-MARIA QUILLFEATHER\n\n617-555-0100 ext. 4"}) {
    const Upsert upsert{.content = text, .media_type = "text/plain", .patients = {PatientId("p1")}};
    const Deid::Input input{origin, upsert};
    const auto outcomes = deid->Process({&input, 1}, state);
    const auto* forward = std::get_if<Forward<CleanDocument>>(&*outcomes[0]);
    ASSERT_NE(forward, nullptr) << text;
    EXPECT_TRUE(ScanResidue(forward->body, kSource, *DefaultPolicy(), roster_.get()).ok()) << forward->body.text();
  }
}

}  // namespace
}  // namespace freshet::deid
