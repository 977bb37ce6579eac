#include "services/deid/policy.h"

#include <vector>

namespace freshet::deid {
namespace {

Policy SafeHarbor() {
  Policy policy;
  policy.name = "safe_harbor";
  policy.meaning = "HIPAA Safe Harbor: all 18 kinds of identifiers go, 45 CFR 164.514(b)(2).";
  return policy;
}

// 45 CFR 164.514(e)(2): direct identifiers go; dates, ages, town, state and postal code may stay.
Policy LimitedDataSet() {
  Policy policy = SafeHarbor();
  policy.name = "limited_data_set";
  policy.meaning = "HIPAA limited data set: dates, ages, towns, facilities and postal codes stay.";
  for (const IdentifierType type : {IdentifierType::kDate, IdentifierType::kAge, IdentifierType::kCity,
                                    IdentifierType::kFacility, IdentifierType::kZip}) {
    policy.rules[static_cast<size_t>(type)].action = Action::kKeep;
  }
  policy.effective_to_year = false;
  return policy;
}

Policy StaffVisible() {
  Policy policy = SafeHarbor();
  policy.name = "staff_visible";
  policy.meaning = "Safe Harbor for patients; names of those who work there stay.";
  policy.rules[static_cast<size_t>(IdentifierType::kStaffName)].action = Action::kKeep;
  return policy;
}

Policy None() {
  Policy policy;
  policy.name = "none";
  policy.meaning = "Nothing is changed: for documents about nobody, such as policies.";
  policy.cleans = false;
  policy.rules.fill({.action = Action::kKeep});
  policy.effective_to_year = false;
  return policy;
}

}  // namespace

std::string Policy::Stamp() const { return name + "@" + std::to_string(version); }

std::span<const std::shared_ptr<const Policy>> AllPolicies() {
  static const std::vector<std::shared_ptr<const Policy>> kAll = {
      std::make_shared<const Policy>(SafeHarbor()), std::make_shared<const Policy>(LimitedDataSet()),
      std::make_shared<const Policy>(StaffVisible()), std::make_shared<const Policy>(None())};
  return kAll;
}

std::shared_ptr<const Policy> DefaultPolicy() { return AllPolicies().front(); }

Result<std::shared_ptr<const Policy>> FindPolicy(std::string_view name) {
  std::string known;
  for (const auto& policy : AllPolicies()) {
    if (policy->name == name) return policy;
    known += (known.empty() ? "" : ", ") + policy->name;
  }
  return Status(Code::kConfiguration, "Unknown de-identification policy '" + std::string(name) + "'; known: " + known);
}

}  // namespace freshet::deid
