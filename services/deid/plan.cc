#include "services/deid/plan.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "services/deid/batch.h"
#include "services/deid/policy.h"

namespace freshet::deid {
namespace {

using Json = nlohmann::json;

std::string Written(const Rule& rule) {
  char threshold[16];
  std::snprintf(threshold, sizeof threshold, "%.2f", static_cast<double>(rule.threshold));
  return std::string(NameOf(rule.action)) + " " + threshold;
}

std::vector<std::string> RulesThatDiffer(const Policy& current, const Policy& next) {
  std::vector<std::string> rules;
  for (const IdentifierRow& row : AllIdentifiers()) {
    const Rule &before = current.rule(row.type), &after = next.rule(row.type);
    const std::string kind = row.type == IdentifierType::kStaffName ? "NAME of staff" : std::string(row.label);
    if (before != after) rules.push_back(kind + ": " + Written(before) + " -> " + Written(after));
  }
  if (current.cleans != next.cleans) rules.push_back(next.cleans ? "texts are cleaned" : "texts are not cleaned");
  return rules;
}

// What `freshet deid batch` says of all lines.
Result<std::vector<Json>> JudgedAll(const std::string& lines, const std::string& policy, const PlanOptions& options) {
  std::istringstream in(lines);
  std::ostringstream out;
  FRESHET_RETURN_IF_ERROR(
      RunDeidBatch(in, out, {.policy = policy, .roster_path = options.roster_path, .keys_path = options.keys_path}));
  std::vector<Json> rows;
  std::istringstream read(out.str());
  for (std::string line; std::getline(read, line);) rows.push_back(Json::parse(line));
  return rows;
}

void Count(const Json& before, const Json& after, PolicyPlan& plan) {
  ++plan.documents;
  const std::string was = before["action"], is = after["action"];
  plan.changed += before["output"] != after["output"] || was != is;
  plan.newly_quarantined += was == "forward" && is == "quarantine";
  plan.newly_forwarded += was == "quarantine" && is == "forward";
  plan.unreadable += is != "forward" && is != "quarantine";
  for (const Json& span : before["spans"]) ++plan.by_kind[span["type"]].current_gone;
  for (const Json& span : after["spans"]) ++plan.by_kind[span["type"]].next_gone;
}

}  // namespace

Result<PolicyPlan> PlanPolicy(std::istream& texts, const PlanOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(const auto current, FindPolicy(options.current));
  FRESHET_ASSIGN_OR_RETURN(const auto next, FindPolicy(options.next));
  PolicyPlan plan{.current = current->Stamp(), .next = next->Stamp(), .rules = RulesThatDiffer(*current, *next)};
  const std::string lines{std::istreambuf_iterator<char>(texts), {}};
  FRESHET_ASSIGN_OR_RETURN(const std::vector<Json> before, JudgedAll(lines, options.current, options));
  FRESHET_ASSIGN_OR_RETURN(const std::vector<Json> after, JudgedAll(lines, options.next, options));
  for (size_t i = 0; i < before.size(); ++i) Count(before[i], after[i], plan);
  return plan;
}

}  // namespace freshet::deid
