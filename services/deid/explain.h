// Explain: why a text was changed as it was, and what was left for what reason: for the eyes of a privacy officer.
//
//   Explanation why = *Explain(*cleaner, parsed, job);
//   why.decisions[0]      // "Quill" NAME .95 by name/title: placeholder "[NAME]"; seen by model/name .71 too
//
// A decision is a range of the text that some detector spoke of, in order and disjoint: gone, or left in since the
// policy keeps its kind or since nobody was sure enough. It holds clear text: never log it. Codes: none of its own.
#pragma once

#include <string>
#include <vector>

#include "services/deid/cleaner.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {

struct Evidence {
  IdentifierType type = IdentifierType::kOther;
  float score = 0;
  std::string_view detector;

  bool operator==(const Evidence&) const = default;
};

enum class Verdict : uint8_t { kGone, kKeptByPolicy, kKeptInDoubt };

struct Decision {
  Range range;  // bytes of the text
  Verdict verdict = Verdict::kGone;
  Rule rule;                       // the policy's for this kind
  Evidence by;                     // what decided
  std::vector<Evidence> evidence;  // all that spoke, the surest first
  std::string original;
  std::string replacement;  // of what is gone
};

struct Explanation {
  std::string policy;  // "safe_harbor@1"
  std::string text;    // as parsed
  std::vector<Decision> decisions;
  float risk = 0;
  bool forwarded = true;  // false: to quarantine
  std::string output;     // empty where it is not forwarded
};

Result<Explanation> Explain(Cleaner& cleaner, const ParsedDocument& document, const CleanJob& job);

// "Gone: a placeholder stands for it.", "Left in: the policy keeps dates."
std::string SentenceOf(const Decision& decision);

// One page with nothing to load, PHI in it: the text with what was done marked, a table of decisions, a summary.
std::string ExplanationHtml(const Explanation& explanation, std::string_view title);

}  // namespace freshet::deid
