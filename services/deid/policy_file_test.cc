#include "services/deid/policy_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace freshet::deid {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(std::string_view yaml) {
  const Result<Policy> policy = ParsePolicy(yaml, "research.yaml");
  return policy.ok() ? "ok" : std::string(NameOf(policy.code())) + ": " + policy.status().message();
}

TEST(PolicyFile, WhatAKindDoesNotSayIsTheDefaults) {
  const auto policy = ParsePolicy(
      "name: research\nversion: 3\neffective_time: shift\nkeep_weekdays: true\nunknown_patient: quarantine\n"
      "risk_limit: 0.25\n"
      "roster_scope: document_patients\ndefault: {action: surrogate, threshold: 0.4}\n"
      "identifiers:\n  date: {action: shift}\n  zip: {action: generalise, threshold: 0.7}\n  city: {threshold: 0.9}\n",
      "research.yaml");
  ASSERT_TRUE(policy.ok()) << policy.status().message();
  EXPECT_EQ(policy->Stamp(), "research@3");
  EXPECT_EQ(policy->effective_time, EffectiveTime::kShift);
  EXPECT_TRUE(policy->keep_weekdays);
  EXPECT_FLOAT_EQ(policy->risk_limit, 0.25f);
  EXPECT_EQ(policy->unknown_patient, UnknownPatient::kQuarantine);
  EXPECT_EQ(policy->roster_scope, RosterScope::kDocumentPatients);
  EXPECT_EQ(policy->rule(IdentifierType::kName), (Rule{Action::kSurrogate, 0.4f}));
  EXPECT_EQ(policy->rule(IdentifierType::kDate), (Rule{Action::kShift, 0.4f}));
  EXPECT_EQ(policy->rule(IdentifierType::kZip), (Rule{Action::kGeneralise, 0.7f}));
  EXPECT_EQ(policy->rule(IdentifierType::kCity), (Rule{Action::kSurrogate, 0.9f}));
  // What the default cannot do with a kind is a placeholder, never nothing.
  EXPECT_EQ(policy->rule(IdentifierType::kSsn).action, Action::kPlaceholder);
  EXPECT_EQ(policy->rule(IdentifierType::kAge).action, Action::kPlaceholder);
}

TEST(PolicyFile, TheShortestIsSafeHarbor) {
  const auto policy = ParsePolicy("name: mine\nversion: 1\n", "mine.yaml");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->rules, DefaultPolicy()->rules);
  EXPECT_EQ(policy->effective_time, DefaultPolicy()->effective_time);
}

TEST(PolicyFile, RefusesWithFileAndLine) {
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\nidentifers: {}\n"), HasSubstr("research.yaml:3: unknown key"));
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\nidentifers: {}\n"), HasSubstr("did you mean \"identifiers\""));
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\nidentifiers:\n  date: {action: keep}\n  dtae: {action: keep}\n"),
              HasSubstr("research.yaml:5: unknown key"));
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\nidentifiers:\n  name: {action: shift}\n"),
              HasSubstr("research.yaml:4: identifiers.name.action cannot be done with this kind"));
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\nidentifiers:\n  ssn: {action: surrogate}\n"), HasSubstr("cannot be done"));
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\ndefault: {threshold: 1.5}\n"), HasSubstr("research.yaml:3"));
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\nidentifiers: {zip: {threshold: -1}}\n"), HasSubstr("between 0 and 1"));
  EXPECT_THAT(ErrorOf("name: x\nversion: 1\nidentifiers: {zip: {action: obliterate}}\n"), HasSubstr("configuration"));
  EXPECT_THAT(ErrorOf("version: 1\n"), HasSubstr("name"));
  EXPECT_THAT(ErrorOf("name: x\n"), HasSubstr("version"));
  EXPECT_THAT(ErrorOf("name: x\nversion: 0\n"), HasSubstr("between"));
  EXPECT_THAT(ErrorOf("["), HasSubstr("configuration"));
}

TEST(PolicyFile, TellsEveryProblemAtOnce) {
  const std::string error = ErrorOf("name: x\nversion: 1\nidentifiers:\n  dtae: {}\n  age: {action: shift}\n");
  EXPECT_THAT(error, HasSubstr("research.yaml:4"));
  EXPECT_THAT(error, HasSubstr("research.yaml:5"));
}

TEST(PolicyFile, IsFoundByItsPath) {
  const std::string path = testing::TempDir() + "/site.yaml";
  std::ofstream(path) << "name: site\nversion: 2\n";
  const auto policy = FindPolicy(path);
  ASSERT_TRUE(policy.ok()) << policy.status().message();
  EXPECT_EQ((*policy)->Stamp(), "site@2");
  EXPECT_EQ(FindPolicy("/nowhere.yaml").code(), Code::kConfiguration);
}

TEST(PolicyFile, ItsTableNamesEveryKey) {
  const std::string table = PolicyFileMarkdown();
  for (const char* key : {"`name`", "`version`", "`default`", "`identifiers", "`keep_weekdays`"}) {
    EXPECT_THAT(table, HasSubstr(key));
  }
}

}  // namespace
}  // namespace freshet::deid
