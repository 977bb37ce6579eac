// Change over time: what is learned late is looked for in what was let through, and nothing else is touched.
#include "services/runtime/sweep.h"

#include <stdexcept>

#include "services/runtime/deid_worker.h"
#include "services/runtime/quarantine_test_site.h"

namespace freshet {
namespace {

using testing::QuarantineSite;

IdentityChange Ada(std::string identity = "legal") {
  return {.patient = PatientId("p1"),
          .identity = std::move(identity),
          .names = {{.given = {"Lake"}, .family = "Harbor"}},
          .identifiers = {{"mrn", "KX47-1183-02"}}};
}

// Words of the language, and a number that nothing announces: only the roster can know.
constexpr const char* kText = "We walked by Lake Harbor; see kx47 118302 there.";

TEST(SweepTest, ALateIdentityIsFoundWithheldAndMended) {
  QuarantineSite site(*deid::DefaultPolicy());
  site.Put("a", 1, kText);
  site.Put("b", 1, "A plain note about the gown.");
  site.Drain();
  ASSERT_NE(site.TextOf("a").find("118302"), std::string::npos) << site.TextOf("a");
  const uint64_t before = site.RunOf("b");
  site.Learn(1, Ada());
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.TextOf("a").find("Harbor"), std::string::npos) << site.TextOf("a");
  EXPECT_EQ(site.TextOf("a").find("118302"), std::string::npos) << site.TextOf("a");
  EXPECT_GT(site.RunOf("a"), 0u);
  EXPECT_EQ(site.RunOf("b"), before) << "what it does not touch is left alone";
}

const Sweep& SweepOf(QuarantineSite& site) {
  for (const NamedWorker& row : site.runtime().workers()) {
    if (const auto* const deid = dynamic_cast<const DeidWorker*>(row.worker)) return *deid->sweep();
  }
  throw std::logic_error("no worker de-identifies");
}

TEST(SweepTest, ManyIdentitiesShareOnePassThatOpensTheOriginalsOfItsHitsAlone) {
  QuarantineSite site(*deid::DefaultPolicy());
  for (int i = 0; i < 60; ++i) site.Put("plain" + std::to_string(i), 1, "A plain note about the gown.");
  site.Put("number", 1, "See kx47 118302 there.");
  site.Put("family", 1, "We met oqxville by the gown.", {PatientId("p2")});
  site.Put("other", 1, "We met oqxville by the gown.");
  site.Drain();
  const Sweep::Totals before = SweepOf(site).totals();
  site.Learn(1, Ada());
  site.Learn(2,
             {.patient = PatientId("p2"), .identity = "legal", .names = {{.given = {"Quin"}, .family = "Oqxville"}}});
  for (uint64_t i = 3; i < 40; ++i) {
    site.Learn(i, {.patient = PatientId("q" + std::to_string(i)),
                   .identity = "legal",
                   .identifiers = {{"mrn", "XVZ-00-" + std::to_string(1000 + i)}}});
  }
  site.Drain();
  EXPECT_EQ(site.TextOf("number").find("118302"), std::string::npos);
  EXPECT_EQ(site.TextOf("family").find("oqxville"), std::string::npos) << "a form of the document's patient alone";
  EXPECT_NE(site.TextOf("other").find("oqxville"), std::string::npos);
  EXPECT_EQ(SweepOf(site).totals().documents - before.documents, 63u) << "one pass";
  EXPECT_EQ(SweepOf(site).totals().originals - before.originals, 2u);
}

TEST(SweepTest, WhatIsFoundIsHiddenAtOnce) {
  QuarantineSite site(*deid::DefaultPolicy());
  site.Put("a", 1, kText);
  site.Drain();
  site.Learn(1, Ada());
  bool hidden = false;
  for (int i = 0; i < 60 && !hidden; ++i) {  // the run again waits behind a deid that stands still
    site.StepOnly("deid");
    site.StepOnly("index");
    hidden = site.StateOf("a") == "withheld";
  }
  EXPECT_TRUE(hidden);
  site.Drain();
  EXPECT_EQ(site.StateOf("a"), "searchable");
}

TEST(SweepTest, GoesOnAfterARestart) {
  QuarantineSite site(*deid::DefaultPolicy());
  for (int i = 0; i < 40; ++i) site.Put("d" + std::to_string(i), 1, kText);
  site.Drain();
  site.Learn(1, Ada());
  site.StepOnly("deid");
  site.StepOnly("deid");
  site.Restart();
  site.Drain();
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(site.TextOf("d" + std::to_string(i)).find("118302"), std::string::npos) << i;
  }
  const uint64_t run = site.RunOf("d0");
  site.Restart();
  site.Drain();
  EXPECT_EQ(site.RunOf("d0"), run) << "what was swept for is not swept for again";
}

TEST(SweepTest, AMergeGivesThePatientOneSetOfDays) {
  deid::Policy policy = *deid::DefaultPolicy();
  policy.rules[static_cast<size_t>(deid::IdentifierType::kDate)].action = deid::Action::kShift;
  QuarantineSite site(policy);
  const auto learn = [&](uint64_t position, const char* patient, const char* into, const char* from) {
    site.Learn(position, {.patient = PatientId(patient),
                          .identity = "legal",
                          .identifiers = {{"mrn", std::string("KX47-1183-") + patient}},
                          .merged_into = PatientId(into),
                          .unmerged_from = PatientId(from)});
  };
  learn(1, "p1", "", "");
  learn(2, "p2", "", "");
  site.Put("a", 1, "Seen on 03/04/2021.", {PatientId("p1")});
  site.Put("b", 1, "Seen on 03/04/2021.", {PatientId("p2")});
  site.Drain();
  const std::string apart = site.TextOf("b");
  ASSERT_NE(site.TextOf("a"), apart) << "two patients, two shifts";
  learn(3, "p2", "p1", "");
  site.Drain();
  EXPECT_EQ(site.TextOf("b"), site.TextOf("a"));
  EXPECT_EQ(site.StateOf("b"), "searchable");
  learn(4, "p2", "", "p1");
  site.Drain();
  EXPECT_EQ(site.TextOf("b"), apart) << "unmerged: as before";
}

TEST(SweepTest, AnotherPolicyRunsJustWhatItTouchesAgain) {
  deid::Policy policy = *deid::DefaultPolicy();
  QuarantineSite site(policy);
  site.Put("a", 1, "Call 617-555-0123 today.");
  site.Put("b", 1, "A plain note about the gown.");
  site.Drain();
  EXPECT_EQ(site.TextOf("a"), "Call [PHONE] today.");
  policy.version = 2;
  policy.rules[static_cast<size_t>(deid::IdentifierType::kPhone)].action = deid::Action::kRemove;
  site.Restart(policy);
  site.Drain();
  EXPECT_EQ(site.TextOf("a"), "Call  today.");
  EXPECT_EQ(site.RunOf("b"), 0u);
  const uint64_t run = site.RunOf("a");
  site.Restart(policy);
  site.Drain();
  EXPECT_EQ(site.RunOf("a"), run);
  policy.name = "research";
  site.Restart(policy);
  site.Drain();
  EXPECT_GT(site.RunOf("b"), 0u) << "answers show only what the policy in force has made";
}

TEST(SweepTest, ADocumentThatWaitsForItsPatientGoesOnWhenTheIdentityComes) {
  deid::Policy policy = *deid::DefaultPolicy();
  policy.unknown_patient = deid::UnknownPatient::kQuarantine;
  QuarantineSite site(policy);
  site.Put("a", 1, kText, {PatientId("p1")});
  site.Drain();
  EXPECT_EQ(site.Held(), "a unknown_patient; ");
  site.Learn(1, Ada());
  site.Drain();
  EXPECT_EQ(site.Held(), "");
  EXPECT_EQ(site.StateOf("a"), "searchable");
  EXPECT_EQ(site.TextOf("a").find("Harbor"), std::string::npos);
}

}  // namespace
}  // namespace freshet
