// A tenant's key is rotated without reading sources again: what is stored opens, and what is made keeps its names.
#include <gtest/gtest.h>

#include "common/base/utf8.h"
#include "services/deid/policy_file.h"
#include "services/runtime/citations.h"
#include "services/runtime/quarantine_test_site.h"

namespace freshet {
namespace {

using testing::QuarantineSite;

constexpr const char* kPolicy =
    "name: made_up\nversion: 1\nrisk_limit: 0.25\ndefault: {action: surrogate}\nidentifiers:\n  date: {action: "
    "shift}\n";
constexpr const char* kNote = "Dr. Okonkwo saw MRN 4711838 on 03/04/2021.";
constexpr const char* kDoubtful = "The code is 555-0123 today.";

TEST(RotationTest, WhatIsStoredOpensAndWhatIsMadeUpStays) {
  auto policy = deid::ParsePolicy(kPolicy, "policy.yaml");
  ASSERT_TRUE(policy.ok()) << policy.status().ToString();
  QuarantineSite site(std::move(*policy));
  site.Put("a", 1, kNote, {PatientId("p1")});
  site.Put("b", 1, kDoubtful);
  site.Drain();
  const std::string clean = site.TextOf("a");
  ASSERT_NE(clean, "");
  ASSERT_EQ(clean.find("Okonkwo"), std::string::npos);
  ASSERT_EQ(site.Held(), "b doubt; ");
  site.RotateKeys();
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.TextOf("a"), clean);
  EXPECT_EQ(site.Held(), "b doubt; ");
  const auto indexed = site.Indexed("a");
  const auto cited = site.runtime().citations()->Resolve(
      {indexed->first, indexed->second, {0, CountCodePoints(clean)}, Citations::Words::kShown});
  ASSERT_TRUE(cited.ok()) << cited.status().ToString();
  std::string words;
  for (const std::string& one : cited->words) words += one;
  EXPECT_EQ(words, kNote);
  // The original of before, through de-identification by the rings of now.
  ASSERT_TRUE(site.review().Release(site.KeyOf("b"), {.epoch = 1, .position = 1}, {"olga", site.clock().Now()}).ok());
  site.Put("a", 2, kNote, {PatientId("p1")});
  site.Drain();
  EXPECT_EQ(site.StateOf("b"), "searchable");
  EXPECT_EQ(site.TextOf("a"), clean) << "the same surrogates and the same shift";
}

// What was in the log and not worked off yet.
TEST(RotationTest, RecordsThatAnOlderKeySealedAreRead) {
  QuarantineSite site(*deid::DefaultPolicy());
  site.Put("a", 1, kNote);
  site.Learn(1, {.patient = PatientId("p1"), .names = {{.given = {"Zofia"}, .family = "Ward"}}});
  site.RotateKeys();
  site.Put("b", 1, "Zofia Ward came.", {PatientId("p1")});
  site.RotateKeys();
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.TextOf("b"), "[NAME] came.");
}

}  // namespace
}  // namespace freshet
