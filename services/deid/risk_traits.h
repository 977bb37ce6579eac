// RiskTraits: what a cleaned text looks like where nothing was removed and nothing guessed. What no detector guesses is
// most of what leaks, and it leaks more often from texts of some looks: many identifiers, unknown words with capitals,
// numbers left, and either right beside what was removed, or where a place or a name would stand.
//
//   RiskTraits traits = TraitsOf(text, removed);      // {log(1 + removed), ..., }: see kRiskTraitNames
//   float unguessed = UnguessedOf(traits);            // that something is left which nothing guessed: 0 to 1
//
// The weights are fitted by model/calibrate.py, risk_test.cc holds them to other texts. Linear in the text; any thread.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "services/deid/identifier.h"
#include "services/deid/text.h"

namespace freshet::deid {

// Counts n stand as log(1 + n), since the tenth of a kind says less than the first.
inline constexpr std::array<std::string_view, 11> kRiskTraitNames = {
    "one",            // 1
    "removed",        // findings
    "density",        // findings in a hundred words
    "unknown",        // words with a capital that no list knows, left in
    "names",          // words with a capital that are names or towns of the lists, left in
    "numbers",        // of four digits and more, or of letters and digits, left in; no years
    "no_case",        // 1 where a text of three words and more has no capital
    "beside",         // of unknown and names, those next to a person or place that was removed
    "number_beside",  // numbers next to something removed that has numbers: a street, a telephone
    "placed",         // of unknown and names, those behind "at", "in", "from", "our"
    "begins"};        // of unknown and names, those a line begins with

inline constexpr size_t kDensityTrait = 2;
inline constexpr float kMostDensity = 50;  // findings in a hundred words; the trait is a share of it

using RiskTraits = std::array<float, kRiskTraitNames.size()>;

// `removed` in places of the source, in order, disjoint.
RiskTraits TraitsOf(const Text& text, std::span<const Finding> removed);

// At most .3.
float UnguessedOf(const RiskTraits& traits);

}  // namespace freshet::deid
