// Plan: what another policy would do to documents, before it does: how many change, and in which kinds.
//
//   Result<PolicyPlan> plan = PlanPolicy(texts, {.current = "safe_harbor", .next = "research.yaml"});
//   plan->changed, plan->by_kind["DATE"].next_gone
//
// Texts are the lines of `freshet deid batch` (batch.h). Both policies are run in full, so what is counted is what a
// re-run would do. Codes: configuration (policies, roster, keys), invalid_argument (a line, by number).
#pragma once

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace freshet::deid {

struct PlanOptions {
  std::string current = "safe_harbor";
  std::string next;
  std::string roster_path;
  std::string keys_path;
};

struct KindPlan {
  size_t current_gone = 0;  // places that go under the current policy
  size_t next_gone = 0;
};

struct PolicyPlan {
  std::string current, next;       // "safe_harbor@1"
  std::vector<std::string> rules;  // that differ: "date: placeholder 0.50 -> shift 0.50"
  size_t documents = 0;
  size_t changed = 0;  // whose output is another, or whose fate is
  size_t newly_quarantined = 0;
  size_t newly_forwarded = 0;
  size_t unreadable = 0;  // skipped under either
  std::map<std::string, KindPlan> by_kind;
};

Result<PolicyPlan> PlanPolicy(std::istream& texts, const PlanOptions& options);

}  // namespace freshet::deid
