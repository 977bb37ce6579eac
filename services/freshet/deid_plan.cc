// freshet deid plan
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/base/counted.h"
#include "services/deid/plan.h"
#include "services/freshet/command.h"
#include "services/freshet/paint.h"

namespace freshet {

struct DeidPlanOptions {
  std::string policy;
  std::string against = "safe_harbor";
  std::filesystem::path texts;
  std::filesystem::path roster;
  std::filesystem::path keys;
  bool json = false;
};

template <>
struct OptionTable<DeidPlanOptions> {
  using Options = DeidPlanOptions;
  static constexpr auto fields = std::tuple{
      Field("policy", &Options::policy, "The policy to come: a name or a policy file.").Required(),
      Field("against", &Options::against, "The policy that is in force: a name or a policy file."),
      Field("texts", &Options::texts, "The documents, as `deid batch` reads them. Not given: standard input."),
      Field("roster", &Options::roster, "Known patients, a JSON object a line."),
      Field("keys", &Options::keys, "Key file, for policies that make up surrogates or shift dates."),
      Field("json", &Options::json, "One JSON value.")};
};

namespace {

void PrintJson(const deid::PolicyPlan& plan, std::ostream& out) {
  nlohmann::json kinds = nlohmann::json::object();
  for (const auto& [kind, one] : plan.by_kind) kinds[kind] = {{"gone", one.current_gone}, {"to_go", one.next_gone}};
  const nlohmann::json json{{"against", plan.current},
                            {"policy", plan.next},
                            {"rules", plan.rules},
                            {"documents", plan.documents},
                            {"changed", plan.changed},
                            {"newly_quarantined", plan.newly_quarantined},
                            {"newly_forwarded", plan.newly_forwarded},
                            {"unreadable", plan.unreadable},
                            {"kinds", kinds}};
  out << json.dump() << "\n";
}

void PrintTable(const deid::PolicyPlan& plan, const Terminal& terminal) {
  terminal.out << plan.current << " -> " << plan.next << "\n\n";
  for (const std::string& rule : plan.rules) terminal.out << "  " << rule << "\n";
  if (plan.rules.empty()) terminal.out << "  No rule differs.\n";
  Table table{.headings = {"kind", "goes now", "would go"}, .right = {false, true, true}};
  for (const auto& [kind, one] : plan.by_kind) {
    table.rows.push_back({kind, std::to_string(one.current_gone), std::to_string(one.next_gone)});
  }
  terminal.out << "\n"
               << Render(table, terminal.colour) << "\n"
               << plan.changed << " of " << Counted(plan.documents, "document") << " would change; "
               << plan.newly_quarantined << " would go to quarantine, " << plan.newly_forwarded << " would leave it; "
               << plan.unreadable << " cannot be read.\n";
}

ExitStatus RunDeidPlan(const DeidPlanOptions& options, Terminal& terminal) {
  std::ifstream file;
  if (!options.texts.empty()) {
    file.open(options.texts);
    if (!file) return Fail(Status(Code::kConfiguration, "The texts cannot be read."), terminal);
  }
  const Result<deid::PolicyPlan> plan =
      deid::PlanPolicy(options.texts.empty() ? terminal.in : file, {.current = options.against,
                                                                    .next = options.policy,
                                                                    .roster_path = options.roster.string(),
                                                                    .keys_path = options.keys.string()});
  if (!plan.ok()) return Fail(plan.status(), terminal);
  options.json ? PrintJson(*plan, terminal.out) : PrintTable(*plan, terminal);
  return ExitStatus::kDone;
}

}  // namespace

CommandBody DeidPlanCommand() { return BodyOf<&RunDeidPlan>(); }

}  // namespace freshet
