#include "services/deid/policy.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "services/deid/policy_file.h"

// The files become part of the program.
#define FRESHET_POLICY_TEXT(name)             \
  asm(".section .rodata\n"                    \
      ".global freshet_policy_" #name         \
      "\n"                                    \
      "freshet_policy_" #name                 \
      ":\n"                                   \
      ".incbin \"" FRESHET_POLICIES "/" #name \
      ".yaml\"\n"                             \
      ".byte 0\n"                             \
      ".previous\n");                         \
  extern "C" const char freshet_policy_##name[];  // NOLINT(readability-identifier-naming)

FRESHET_POLICY_TEXT(safe_harbor)
FRESHET_POLICY_TEXT(limited_data_set)
FRESHET_POLICY_TEXT(staff_visible)
FRESHET_POLICY_TEXT(none)

namespace freshet::deid {
namespace {

// What is built in and cannot be read is a defect of the program.
std::shared_ptr<const Policy> BuiltIn(const char* yaml, const char* file) {
  Result<Policy> policy = ParsePolicy(yaml, file);
  if (!policy.ok()) {
    std::fprintf(stderr, "%s\n", policy.status().message().c_str());
    std::abort();
  }
  return std::make_shared<const Policy>(std::move(policy).value());
}

bool IsPath(std::string_view name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

}  // namespace

std::string_view NameOf(Action action) {
  static constexpr std::string_view kNames[] = {"keep", "remove", "placeholder", "surrogate", "shift", "generalise"};
  return kNames[static_cast<size_t>(action)];
}

bool CanDo(Action action, IdentifierType type) {
  const bool date = type == IdentifierType::kDate;
  if (action == Action::kShift) return date;
  if (action == Action::kGeneralise) return date || type == IdentifierType::kAge || type == IdentifierType::kZip;
  // What is made up must be no one's: a social security number always may be somebody's.
  if (action == Action::kSurrogate) {
    return !date && type != IdentifierType::kAge && type != IdentifierType::kSsn && type != IdentifierType::kBiometric;
  }
  return true;
}

std::string Policy::Stamp() const { return name + "@" + std::to_string(version); }

std::span<const std::shared_ptr<const Policy>> AllPolicies() {
  static const std::vector<std::shared_ptr<const Policy>> kAll = {
      BuiltIn(freshet_policy_safe_harbor, "safe_harbor.yaml"),
      BuiltIn(freshet_policy_limited_data_set, "limited_data_set.yaml"),
      BuiltIn(freshet_policy_staff_visible, "staff_visible.yaml"), BuiltIn(freshet_policy_none, "none.yaml")};
  return kAll;
}

std::shared_ptr<const Policy> DefaultPolicy() { return AllPolicies().front(); }

Result<std::shared_ptr<const Policy>> FindPolicy(std::string_view name_or_path) {
  if (IsPath(name_or_path)) {
    FRESHET_ASSIGN_OR_RETURN(Policy policy, LoadPolicy(name_or_path));
    for (const auto& built_in : AllPolicies()) {
      if (built_in->name != policy.name) continue;
      return Status(Code::kConfiguration, "A policy file has the name of a built-in policy, '" + policy.name + "'.");
    }
    return std::make_shared<const Policy>(std::move(policy));
  }
  std::string known;
  for (const auto& policy : AllPolicies()) {
    if (policy->name == name_or_path) return policy;
    known += (known.empty() ? "" : ", ") + policy->name;
  }
  return Status(Code::kConfiguration, "Unknown de-identification policy '" + std::string(name_or_path) +
                                          "'; known: " + known + ", or the path of a .yaml file");
}

}  // namespace freshet::deid
