// freshet eval deid
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "services/deid/evaluate.h"
#include "services/freshet/command.h"
#include "services/freshet/paint.h"

namespace freshet {

struct EvalDeidOptions {
  std::filesystem::path gold;
  std::string policy = "safe_harbor";
  double gate = 0;
  double max_leak = 1;
  double max_over_redaction = 1;
  bool errors = false;
  bool json = false;
};

template <>
struct OptionTable<EvalDeidOptions> {
  using Options = EvalDeidOptions;
  static constexpr auto fields = std::tuple{
      Field("gold", &Options::gold, "Texts whose identifiers are known, a JSON object a line.").Required(),
      Field("policy", &Options::policy, "The policy whose work is judged."),
      Field("gate", &Options::gate, "Exit status 1 where F2 of all kinds together is less.").Range(0.0, 1.0),
      Field("max_leak", &Options::max_leak, "Exit status 1 where a larger share of values leaks.").Range(0.0, 1.0),
      Field("max_over_redaction", &Options::max_over_redaction,
            "Exit status 1 where a larger share of the texts without identifiers is changed.")
          .Range(0.0, 1.0),
      Field("errors", &Options::errors, "Lists what was missed or removed without need, in clear: test data only."),
      Field("json", &Options::json, "One JSON value.")};
};

namespace {

using deid::DeidError;
using deid::DeidFigures;
using deid::TypeFigures;

double CharactersPerSecond(const DeidFigures& figures) {
  return figures.seconds > 0 ? static_cast<double>(figures.characters) / figures.seconds : 0;
}

nlohmann::json JsonOf(const TypeFigures& one) {
  return {{"gold", one.gold},           {"recall", one.Recall()},       {"strict", one.Strict()},
          {"predicted", one.predicted}, {"precision", one.Precision()}, {"f2", one.F2()}};
}

nlohmann::json JsonOf(const DeidError& error) {
  return {{"id", error.id},
          {"error", error.missed ? "missed" : "removed"},
          {"type", error.type},
          {"text", error.text},
          {"detector", error.detector}};
}

void PrintJson(const DeidFigures& figures, const EvalDeidOptions& options, std::ostream& out) {
  nlohmann::json json{{"documents", figures.documents},
                      {"quarantined", figures.quarantined},
                      {"all", JsonOf(figures.all)},
                      {"types", nlohmann::json::object()},
                      {"leak_rate", figures.LeakRate()},
                      {"over_redaction", figures.OverRedaction()},
                      {"characters_per_second", CharactersPerSecond(figures)}};
  for (const auto& [label, one] : figures.by_type) json["types"][label] = JsonOf(one);
  if (options.errors) {
    json["errors"] = nlohmann::json::array();
    for (const DeidError& error : figures.errors) json["errors"].push_back(JsonOf(error));
  }
  out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

std::string Share(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", share);
  return text;
}

// A dash where there is nothing to take a share of.
std::vector<std::string> RowOf(const std::string& label, const TypeFigures& one) {
  const bool any = one.gold > 0, said = one.predicted > 0;
  return {label,
          std::to_string(one.gold),
          any ? Share(one.Recall()) : "-",
          any ? Share(one.Strict()) : "-",
          said ? Share(one.Precision()) : "-",
          any && said ? Share(one.F2()) : "-"};
}

std::string OfMany(double share, size_t count, const char* what) {
  return count == 0 ? std::string("none of 0 ") + what : Share(share) + " of " + std::to_string(count) + " " + what;
}

void PrintTable(const DeidFigures& figures, const Terminal& terminal) {
  Table table{.headings = {"type", "gold", "recall", "strict", "precision", "F2"},
              .right = {false, true, true, true, true, true}};
  for (const auto& [label, one] : figures.by_type) table.rows.push_back(RowOf(label, one));
  table.rows.push_back(RowOf("all", figures.all));
  char speed[32];
  std::snprintf(speed, sizeof speed, "%.2f", CharactersPerSecond(figures) / 1e6);
  terminal.out << Render(table, terminal.colour) << "\n"
               << "leak rate       " << OfMany(figures.LeakRate(), figures.values, "values") << "\n"
               << "over-redaction  " << OfMany(figures.OverRedaction(), figures.negatives, "texts without identifiers")
               << "\n"
               << "quarantined     " << figures.quarantined << " of " << figures.documents << " texts\n"
               << "throughput      " << speed << " M characters/s\n";
}

void PrintErrors(const DeidFigures& figures, const Terminal& terminal) {
  Table table{.headings = {"error", "text", "type", "what", "detector"}, .right = {}};
  for (const DeidError& error : figures.errors) {
    table.rows.push_back({error.missed ? "missed" : "removed", error.id, error.type, error.text, error.detector});
  }
  if (!table.rows.empty()) terminal.out << "\n" << Render(table, terminal.colour);
}

// What does not hold, one sentence each.
std::vector<std::string> Failures(const DeidFigures& figures, const EvalDeidOptions& options) {
  std::vector<std::string> failures;
  if (figures.documents == figures.quarantined) failures.push_back("No text came through.");
  if (figures.all.F2() < options.gate) {
    failures.push_back("F2 is " + Share(figures.all.F2()) + "; the gate is " + Share(options.gate) + ".");
  }
  if (figures.LeakRate() > options.max_leak) {
    failures.push_back("The leak rate is " + Share(figures.LeakRate()) + "; allowed is " + Share(options.max_leak) +
                       ".");
  }
  if (figures.OverRedaction() > options.max_over_redaction) {
    failures.push_back("Over-redaction is " + Share(figures.OverRedaction()) + "; allowed is " +
                       Share(options.max_over_redaction) + ".");
  }
  return failures;
}

ExitStatus RunEvalDeid(const EvalDeidOptions& options, Terminal& terminal) {
  std::ifstream gold(options.gold);
  if (!gold) return Fail(Status(Code::kConfiguration, "The gold file cannot be read."), terminal);
  const Result<DeidFigures> figures = deid::EvaluateDeid(gold, {.policy = options.policy});
  if (!figures.ok()) return Fail(figures.status(), terminal);
  if (options.json) {
    PrintJson(*figures, options, terminal.out);
  } else {
    PrintTable(*figures, terminal);
    if (options.errors) PrintErrors(*figures, terminal);
  }
  const std::vector<std::string> failures = Failures(*figures, options);
  for (const std::string& failure : failures) terminal.err << "freshet: " << failure << "\n";
  return failures.empty() ? ExitStatus::kDone : ExitStatus::kCheckFailed;
}

}  // namespace

CommandBody EvalDeidCommand() { return BodyOf<&RunEvalDeid>(); }

}  // namespace freshet
