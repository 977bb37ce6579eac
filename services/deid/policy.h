// Policy: what is done with each kind of identifier, as data with a name and a version.
//
//   Result<std::shared_ptr<const Policy>> policy = FindPolicy("safe_harbor");      // or "site/research.yaml"
//   policy->rule(IdentifierType::kDate).action   // Action::kPlaceholder
//   policy->Stamp()                              // "safe_harbor@1", put on every document that it made
//
// The built-in ones are the files policies/*.yaml, part of the program; a site writes its own in the same form
// (policy_file.h). A changed rule is a new version. Immutable: any thread.
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
  kSurrogate,    // something of the same form, the same one for the same thing (surrogates.h)
  kShift,        // a date: moved by the patient's own number of days (date_shift.h)
  kGeneralise,   // a date to its year, a postal code to three digits, an age to "90+" (replace.h)
};
std::string_view NameOf(Action action);  // "keep", "generalise"

// Whether an action makes sense for a kind: only dates are shifted, and so on.
bool CanDo(Action action, IdentifierType type);

struct Rule {
  Action action = Action::kPlaceholder;
  float threshold = 0.5f;  // findings that are less sure stay, and count as doubt

  bool operator==(const Rule&) const = default;
};

// Whose identities are searched for in a document.
enum class RosterScope : uint8_t {
  kDocumentPatients,  // the patients that the document names
  kSource,            // and the full names and numbers of every patient of its source
};

// What becomes of a document that names a patient whom the roster does not know.
enum class UnknownPatient : uint8_t { kProceed, kQuarantine };

// What a document's effective time becomes: 1 January of its year, or moved as its patient's dates are.
enum class EffectiveTime : uint8_t { kKeep, kYear, kShift };

struct Policy {
  std::string name;
  uint32_t version = 1;
  std::string meaning;
  bool cleans = true;  // false: text, title, URI and attributes pass as they are (for documents about nobody)
  std::array<Rule, kIdentifierTypes> rules{};
  RosterScope roster_scope = RosterScope::kSource;
  UnknownPatient unknown_patient = UnknownPatient::kProceed;
  EffectiveTime effective_time = EffectiveTime::kYear;
  bool keep_weekdays = false;  // dates are shifted by whole weeks
  float risk_limit = 0.9f;     // a document of more risk (risk.h) goes to quarantine; 1: none does

  const Rule& rule(IdentifierType type) const { return rules[static_cast<size_t>(type)]; }
  bool Removes(const Finding& finding) const {
    return rule(finding.type).action != Action::kKeep && finding.score >= rule(finding.type).threshold;
  }
  std::string Stamp() const;
  bool operator==(const Policy&) const = default;
};

// safe_harbor (the default), limited_data_set, staff_visible, none.
std::span<const std::shared_ptr<const Policy>> AllPolicies();
std::shared_ptr<const Policy> DefaultPolicy();
// A built-in one by its name, or a file by its path, which ends in .yaml or .yml. configuration: an unknown name (lists
// the known ones), or all that is wrong with the file.
Result<std::shared_ptr<const Policy>> FindPolicy(std::string_view name_or_path);

}  // namespace freshet::deid
