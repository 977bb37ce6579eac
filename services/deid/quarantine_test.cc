#include "services/deid/quarantine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace freshet::deid {
namespace {

class QuarantineTest : public testing::Test {
 protected:
  QuarantineTest() : path_(testing::TempDir() + "quarantine") {
    std::filesystem::remove_all(path_);
    keys_ = std::make_shared<const KeyRing>(std::move(*KeyRing::Parse("k1 " + std::string(64, 'b'))));
    Open();
  }
  ~QuarantineTest() override {
    quarantine_.reset();
    std::filesystem::remove_all(path_);
  }

  void Open() {
    quarantine_.reset();
    auto opened = Quarantine::Open({.path = path_, .keys = keys_});
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    quarantine_ = std::move(*opened);
  }
  static Origin OriginOf(std::string_view document, uint64_t position, uint64_t run = 0) {
    return {.source = SourceName("ehr"),
            .collection = CollectionName("notes"),
            .document = DocumentId(document),
            .version = {.epoch = 1, .position = position},
            .revision = {.deid_run = run}};
  }
  void Hold(std::string_view document, uint64_t position, HoldReason reason = HoldReason::kDoubt, uint64_t run = 0) {
    const Status held = quarantine_->Hold({.origin = OriginOf(document, position, run),
                                           .reason = reason,
                                           .risk = 0.93f,
                                           .policy = "safe_harbor@1",
                                           .since = *ParseTime("2026-01-02T03:04:05Z")});
    ASSERT_TRUE(held.ok()) << held.ToString();
  }
  void Pass(std::string_view document, uint64_t position, uint64_t run = 0) {
    const Origin origin = OriginOf(document, position, run);
    const Origin* const one = &origin;
    ASSERT_TRUE(quarantine_->Pass({&one, 1}).ok());
  }
  Code Release(std::string_view document, uint64_t position) {
    return quarantine_->Release(KeyOf(OriginOf(document, 0)), {.epoch = 1, .position = position}, {"olga", Time()})
        .code();
  }
  std::string All() const {
    std::string out;
    for (const Held& held : quarantine_->List()) {
      out += held.origin.document.value + "@" + std::to_string(held.origin.version.position) + "." +
             std::to_string(held.origin.revision.deid_run) + " " + std::string(RowOf(held.reason).name) +
             (held.released.name.empty() ? "" : " by " + held.released.name) + "; ";
    }
    return out;
  }

  std::string path_;
  std::shared_ptr<const KeyRing> keys_;
  std::unique_ptr<Quarantine> quarantine_;
};

TEST_F(QuarantineTest, RemembersWhatIsHeldAndWhy) {
  EXPECT_EQ(All(), "");
  Hold("b", 1, HoldReason::kUnknownPatient);
  Hold("a", 3);
  Open();
  EXPECT_EQ(All(), "a@3.0 doubt; b@1.0 unknown_patient; ");
  const std::optional<Held> held = quarantine_->Find(KeyOf(OriginOf("a", 0)));
  ASSERT_TRUE(held);
  EXPECT_FLOAT_EQ(held->risk, 0.93f);
  EXPECT_EQ(held->policy, "safe_harbor@1");
  EXPECT_EQ(FormatTime(held->since), "2026-01-02T03:04:05.000Z");
  EXPECT_FALSE(quarantine_->Find(KeyOf(OriginOf("c", 0))));
}

TEST_F(QuarantineTest, TheNewestVersionAndRunWins) {
  Hold("a", 3);
  Hold("a", 2);
  EXPECT_EQ(All(), "a@3.0 doubt; ");
  Hold("a", 3, HoldReason::kUnknownPatient);
  EXPECT_EQ(All(), "a@3.0 doubt; ") << "the same run again";
  Hold("a", 3, HoldReason::kScan);
  EXPECT_EQ(All(), "a@3.0 scan; ") << "what the scan found weighs more than doubt";
  Hold("a", 3, HoldReason::kDoubt, 7);
  Hold("a", 4);
  EXPECT_EQ(All(), "a@4.0 doubt; ");
}

TEST_F(QuarantineTest, ANewerVersionOrRunTakesItOffTheList) {
  Hold("a", 3);
  Pass("a", 3);
  Pass("a", 2, 9);
  EXPECT_EQ(All(), "a@3.0 doubt; ") << "a replay, an older version's run";
  Pass("a", 3, 1);
  EXPECT_EQ(All(), "");
  Hold("a", 3);
  Pass("a", 4);
  Open();
  EXPECT_EQ(All(), "");
}

TEST_F(QuarantineTest, AReleaseIsOfOneVersionAndLasts) {
  Hold("a", 3);
  EXPECT_EQ(Release("a", 2), Code::kNotFound) << "not the version that the reviewer looked at";
  EXPECT_EQ(Release("z", 3), Code::kNotFound);
  EXPECT_FALSE(quarantine_->releases()->Has(OriginOf("a", 3)));
  EXPECT_EQ(Release("a", 3), Code::kOk);
  EXPECT_EQ(Release("a", 3), Code::kOk);
  Pass("a", 3, 8);  // its own run
  Hold("a", 3);     // a replay, judged before the release was seen
  Open();
  EXPECT_EQ(All(), "a@3.0 doubt by olga; ");
  EXPECT_TRUE(quarantine_->releases()->Has(OriginOf("a", 3)));
  EXPECT_FALSE(quarantine_->releases()->Has(OriginOf("a", 4)));
  EXPECT_FALSE(quarantine_->releases()->Has(OriginOf("b", 3)));
  Pass("a", 4);
  EXPECT_FALSE(quarantine_->releases()->Has(OriginOf("a", 3)));
}

TEST_F(QuarantineTest, WhatVerificationFoundIsNoMatterOfOpinion) {
  for (const HoldReason reason : {HoldReason::kResidue, HoldReason::kScan, HoldReason::kSourceHalted}) {
    Hold("a", 3, reason);
    EXPECT_EQ(Release("a", 3), Code::kPermissionDenied) << RowOf(reason).name;
    EXPECT_FALSE(quarantine_->releases()->Has(OriginOf("a", 3)));
    Pass("a", 3, 1);
  }
}

TEST_F(QuarantineTest, ADeleteTakesIt) {
  Hold("a", 3);
  Hold("b", 3);
  const Gone older{KeyOf(OriginOf("a", 0)), {.epoch = 1, .position = 2}};
  const Gone gone{KeyOf(OriginOf("b", 0)), {.epoch = 1, .position = 3}};
  ASSERT_TRUE(quarantine_->Forget({&older, 1}).ok());
  ASSERT_TRUE(quarantine_->Forget({&gone, 1}).ok());
  EXPECT_EQ(All(), "a@3.0 doubt; ");
}

TEST_F(QuarantineTest, IsSealed) {
  Hold("a", 3);
  ASSERT_EQ(Release("a", 3), Code::kOk);
  quarantine_.reset();
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    std::ifstream file(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_NE(bytes.find("notes"), std::string::npos) << "keys are coordinates";
  EXPECT_EQ(bytes.find("olga"), std::string::npos);
  EXPECT_EQ(bytes.find("safe_harbor"), std::string::npos);
  keys_ = std::make_shared<const KeyRing>(std::move(*KeyRing::Parse("k2 " + std::string(64, 'c'))));
  EXPECT_EQ(Quarantine::Open({.path = path_, .keys = keys_}).status().code(), Code::kKeyMissing);
}

TEST_F(QuarantineTest, MarksLast) {
  EXPECT_EQ(*quarantine_->Mark("identities"), "");
  ASSERT_TRUE(quarantine_->SetMark("identities", "17").ok());
  Open();
  EXPECT_EQ(*quarantine_->Mark("identities"), "17");
}

}  // namespace
}  // namespace freshet::deid
