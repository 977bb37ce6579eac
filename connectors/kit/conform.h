// Conform: the conformance kit. Judges a connector by cases, each on a source of its own, and tells what was expected
// and what was seen.
//
//   const auto make = [&] { return row->rig(options); };
//   std::vector<CaseResult> results = Conform(make, {.histories = 100});
//   std::cout << ConformTable(results);       // | case | expected | seen |
//   AllHeld(results)
//
// connectors/README.md names, for each MUST of the contract, the case that holds it. One thread; it takes seconds, with
// real servers minutes.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kit/trial.h"

namespace freshet::kit {

// A new source, empty, for a new case. An error ends the case as failed.
using MakeRig = std::function<Result<std::unique_ptr<Rig>>()>;

// What a case gets: sources to play with, as many as it needs.
class Workshop {
 public:
  Workshop(const MakeRig& make, const ConformOptions& options) : make_(make), options_(options) {}
  // Null where there is no source; trouble() says why.
  std::unique_ptr<Trial> NewTrial();
  const ConformOptions& options() const { return options_; }
  const std::string& trouble() const { return trouble_; }

 private:
  const MakeRig& make_;
  const ConformOptions& options_;
  std::string trouble_;
};

struct CaseRow {
  std::string_view name;
  std::string_view expected;
  std::optional<Ability> needs;
  std::string (*run)(Workshop& workshop);  // "": as expected; else what was seen
};

std::span<const CaseRow> AllCases();

struct CaseResult {
  enum class Verdict : uint8_t { kHeld, kFailed, kNotApplicable };
  const CaseRow* row = nullptr;
  Verdict verdict = Verdict::kFailed;
  std::string seen;
};

// All cases, or those whose names are given.
std::vector<CaseResult> Conform(const MakeRig& make, const ConformOptions& options,
                                std::span<const std::string> only = {});
bool AllHeld(std::span<const CaseResult> results);
// As Markdown; a connector's README holds it.
std::string ConformTable(std::span<const CaseResult> results);

}  // namespace freshet::kit
