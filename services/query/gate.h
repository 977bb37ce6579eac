// The gate of a new generation: does it find what the served one finds, and show nobody what is forbidden?
//
//   const GateAsk ask = ... how a question is put to the engine of one of them
//   Result<GateFigures> figures = JudgeCandidate(golden, {.served = ask_served, .candidate = ask_candidate}, 0.02);
//   figures->failures                // sentences; empty: it may be served
//
// Recall at 10 of both, on the same questions. The candidate fails where its mean is lower by more than is allowed,
// where it is worse question by question and not by chance (95 %, evaluate.h), where anything forbidden is shown, and
// where the served one finds nothing at all: such a set judges nothing. Codes: those of the asking; invalid_argument
// where no question has a relevant document. Pure: any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "services/query/evaluate.h"

namespace freshet::query {

// Documents that are shown, best first.
using GateAsk = std::function<Result<std::vector<std::string>>(const GoldenQuestion&)>;

struct GateSides {
  GateAsk served;
  GateAsk candidate;
};

struct GateFigures {
  size_t questions = 0;  // with a relevant document
  double recall = 0;     // of the candidate
  double served_recall = 0;
  size_t shown_forbidden = 0;
  std::vector<std::string> failures;
};

Result<GateFigures> JudgeCandidate(const std::vector<GoldenQuestion>& golden, const GateSides& sides,
                                   double allowed_loss);

}  // namespace freshet::query
