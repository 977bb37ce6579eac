// Risk: how likely it is that what was left in a document holds an identifier, from the guesses that were left: what
// patterns and names found below the policy's threshold, and what the name model's labelling came close to.
//
//   RiskTraits traits = TraitsOf(text, removed);
//   float risk = RiskOf(resolved.guesses, traits);        // .8: four of five such documents hold one
//
// What nothing guesses is estimated by the looks of the text (risk_traits.h). A guess's own score says how sure its
// detector is; what it is worth was measured: by bench/deid_risk.cc on texts whose identifiers are known
// (model/calibrate.py fits the table in risk.cc; risk_test.cc holds it to texts that neither the name model nor the
// table was made of). It is worth less in a text of which hardly anything was removed: an article, not somebody's note.
// Guesses count as independent: risk = 1 - product(1 - worth). What overlaps is one guess, the worthiest. Pure: any
// thread.
#pragma once

#include <span>

#include "services/deid/identifier.h"
#include "services/deid/risk_traits.h"

namespace freshet::deid {

// What of a text a guess stands in was removed.
enum class Company : uint8_t {
  kMany,  // a finding in a hundred words, and more
  kFew,
};

Company CompanyOf(const RiskTraits& traits);

// That a guess is an identifier: 0 to 1.
float WorthOf(const Finding& guess, Company company);

// That one of them is, at least; `guesses` in any order.
float RiskOf(std::span<const Finding> guesses, Company company);
// With what no detector guessed, for which there is no place.
float RiskOf(std::span<const Finding> guesses, const RiskTraits& traits);

}  // namespace freshet::deid
