// Policy: what is done with each kind of identifier, as data with a name and a version.
//
//   Result<std::shared_ptr<const Policy>> policy = FindPolicy("safe_harbor");
//   policy->rule(IdentifierType::kDate).action   // Action::kPlaceholder
//   policy->Stamp()                              // "safe_harbor@1", put on every document that it made
//
// A changed rule is a new version. Immutable: any thread.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "services/deid/identifier.h"

namespace freshet::deid {

enum class Action : uint8_t {
  kKeep,         // stays as it is
  kRemove,       // goes without a trace
  kPlaceholder,  // "[NAME]"
};

struct Rule {
  Action action = Action::kPlaceholder;
  float threshold = 0.5f;  // findings that are less sure stay, and count as doubt
};

// Whose identities are searched for in a document.
enum class RosterScope : uint8_t {
  kDocumentPatients,  // the patients that the document names
  kSource,            // and the full names and numbers of every patient of its source
};

// What becomes of a document that names a patient whom the roster does not know.
enum class UnknownPatient : uint8_t { kProceed, kQuarantine };

struct Policy {
  std::string name;
  uint32_t version = 1;
  std::string meaning;
  bool cleans = true;  // false: text, title, URI and attributes pass as they are (for documents about nobody)
  std::array<Rule, kIdentifierTypes> rules{};
  RosterScope roster_scope = RosterScope::kSource;
  UnknownPatient unknown_patient = UnknownPatient::kProceed;
  bool effective_to_year = true;  // the effective time becomes 1 January of its year

  const Rule& rule(IdentifierType type) const { return rules[static_cast<size_t>(type)]; }
  bool Removes(const Finding& finding) const {
    return rule(finding.type).action != Action::kKeep && finding.score >= rule(finding.type).threshold;
  }
  std::string Stamp() const;
};

// safe_harbor (the default), limited_data_set, staff_visible, none.
std::span<const std::shared_ptr<const Policy>> AllPolicies();
std::shared_ptr<const Policy> DefaultPolicy();
// configuration, listing the known names, for an unknown one.
Result<std::shared_ptr<const Policy>> FindPolicy(std::string_view name);

}  // namespace freshet::deid
