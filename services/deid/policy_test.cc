#include "services/deid/policy.h"

#include <gtest/gtest.h>

#include <set>

namespace freshet::deid {
namespace {

Action ActionOf(std::string_view policy, IdentifierType type) { return (*FindPolicy(policy))->rule(type).action; }

TEST(Policy, NamesAndVersions) {
  std::string stamps;
  for (const auto& policy : AllPolicies()) stamps += policy->Stamp() + " ";
  EXPECT_EQ(stamps, "safe_harbor@1 limited_data_set@1 staff_visible@1 none@1 ");
  EXPECT_EQ(DefaultPolicy()->name, "safe_harbor");
}

TEST(Policy, AnUnknownNameListsTheKnownOnes) {
  const auto policy = FindPolicy("safe-harbour");
  EXPECT_EQ(policy.code(), Code::kConfiguration);
  EXPECT_EQ(policy.status().message(),
            "Unknown de-identification policy 'safe-harbour'; known: safe_harbor, limited_data_set, staff_visible, "
            "none, or the "
            "path of a .yaml file");
}

TEST(Policy, SafeHarborRemovesEveryKind) {
  for (const IdentifierRow& row : AllIdentifiers())
    EXPECT_NE(ActionOf("safe_harbor", row.type), Action::kKeep) << row.label;
}

TEST(Policy, WhatOthersKeep) {
  using enum IdentifierType;
  const std::set<IdentifierType> limited = {kDate, kAge, kCity, kFacility, kZip};
  const std::set<IdentifierType> staff = {kStaffName};
  for (const IdentifierRow& row : AllIdentifiers()) {
    EXPECT_EQ(ActionOf("limited_data_set", row.type) == Action::kKeep, limited.contains(row.type)) << row.label;
    EXPECT_EQ(ActionOf("staff_visible", row.type) == Action::kKeep, staff.contains(row.type)) << row.label;
    EXPECT_EQ(ActionOf("none", row.type), Action::kKeep);
  }
  EXPECT_EQ((*FindPolicy("staff_visible"))->effective_time, EffectiveTime::kYear);
  EXPECT_EQ((*FindPolicy("limited_data_set"))->effective_time, EffectiveTime::kKeep);
  EXPECT_FALSE((*FindPolicy("none"))->cleans);
}

TEST(Policy, ThresholdsDecide) {
  const Policy& policy = *DefaultPolicy();
  Finding finding{.type = IdentifierType::kPhone, .score = 0.5f};
  EXPECT_TRUE(policy.Removes(finding));
  finding.score = 0.49f;
  EXPECT_FALSE(policy.Removes(finding));
}

TEST(Identifiers, EveryLetterOfSafeHarborIsCoveredButPhotographs) {
  std::set<char> letters;
  for (const IdentifierRow& row : AllIdentifiers()) letters.insert(row.safe_harbor);
  for (char letter = 'A'; letter <= 'R'; ++letter) EXPECT_EQ(letters.contains(letter), letter != 'Q') << letter;
  EXPECT_EQ(AllIdentifiers().size(), kIdentifierTypes);
}

}  // namespace
}  // namespace freshet::deid
