// What becomes of a document in doubt: it is listed with its reason, nothing of it gets through, and a reviewer lets it
// go or has it run again; through the real stages, over a restart.
#include "services/runtime/review.h"

#include "services/runtime/quarantine_test_site.h"

namespace freshet {
namespace {

using testing::QuarantineSite;

// A number that nothing announces: a guess, which this policy does not put up with.
constexpr const char* kDoubtful = "The code is 555-0123 today.";

deid::Policy Strict() {
  deid::Policy policy = *deid::DefaultPolicy();
  policy.risk_limit = 0.1f;
  return policy;
}

TEST(ReviewTest, WhatIsDoubtedIsListedAndDoesNotGetThrough) {
  QuarantineSite site(Strict());
  site.Put("a", 1, kDoubtful);
  site.Put("b", 1, "A plain note about the gown.");
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "skipped quarantined");
  EXPECT_EQ(site.TextOf("a"), "");
  EXPECT_EQ(site.StateOf("b"), "searchable");
  EXPECT_EQ(site.Held(), "a doubt; ");
  const auto held = site.review().FindHeld(CollectionName("notes"), DocumentId("a"));
  ASSERT_TRUE(held.ok());
  EXPECT_GT(held->risk, 0.1f);
  EXPECT_LT(held->risk, 1);
  EXPECT_EQ(held->policy, "safe_harbor@1");
  const auto shown = site.review().Show(CollectionName("notes"), DocumentId("a"));
  ASSERT_TRUE(shown.ok()) << shown.status().ToString();
  EXPECT_EQ(shown->why.text, kDoubtful);
  ASSERT_EQ(shown->why.decisions.size(), 1u);
  EXPECT_EQ(shown->why.decisions[0].original, "555-0123");
  EXPECT_EQ(site.review().Show(CollectionName("notes"), DocumentId("b")).code(), Code::kNotFound);
}

TEST(ReviewTest, AReleasedVersionGoesThroughAndStaysThrough) {
  QuarantineSite site(Strict());
  site.Put("a", 1, kDoubtful);
  site.Drain();
  const deid::Reviewer olga{"olga", site.clock().Now()};
  EXPECT_EQ(site.review().Release(site.KeyOf("a"), {.epoch = 1, .position = 2}, olga).code(), Code::kNotFound);
  ASSERT_TRUE(site.review().Release(site.KeyOf("a"), {.epoch = 1, .position = 1}, olga).ok());
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.TextOf("a"), kDoubtful);
  site.Restart();
  site.Put("a", 1, kDoubtful);  // delivered once more
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.Held(), "a doubt by olga; ");
  site.Put("a", 2, "The code is 555-0199 today.");
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "outdated quarantined") << "another version is another matter";
  EXPECT_EQ(site.Held(), "a doubt; ");
}

TEST(ReviewTest, ARunAgainUsesWhatIsKnownNow) {
  QuarantineSite site(Strict());
  site.Put("a", 1, kDoubtful);
  site.Drain();
  ASSERT_TRUE(site.review().Rerun(site.KeyOf("a")).ok());
  site.Drain();
  EXPECT_EQ(site.Held(), "a doubt; ") << "nothing else is known";
  deid::Policy patient = Strict();
  patient.risk_limit = 0.95f;
  site.Restart(patient);
  ASSERT_TRUE(site.review().Rerun(site.KeyOf("a")).ok());
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.Held(), "");
  EXPECT_EQ(site.review().Rerun(site.KeyOf("a")).code(), Code::kNotFound);
}

TEST(ReviewTest, ANewerVersionOrADeleteEndsIt) {
  QuarantineSite site(Strict());
  site.Put("a", 1, kDoubtful);
  site.Put("b", 1, kDoubtful);
  site.Drain();
  EXPECT_EQ(site.Held(), "a doubt; b doubt; ");
  site.Put("a", 2, "All is well.");
  site.Publish("b", 2, Delete{});
  site.Drain();
  EXPECT_EQ(site.Held(), "");
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.StateOf("b"), "deleted");
}

TEST(ReviewTest, ARunThatComesAfterTheDeleteBringsNothingBack) {
  QuarantineSite site(Strict());
  site.Put("a", 1, kDoubtful);
  site.Drain();
  ASSERT_TRUE(site.review().Release(site.KeyOf("a"), {.epoch = 1, .position = 1}, {"olga", Time()}).ok());
  site.Publish("a", 2, Delete{});
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "deleted");
  EXPECT_EQ(site.TextOf("a"), "");
}

}  // namespace
}  // namespace freshet
