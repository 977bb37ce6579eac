#include "services/chunk/abbreviations.h"

#include <algorithm>
#include <array>
#include <span>

namespace freshet::chunk {
namespace {

// Sorted: looked up by halves.
constexpr std::array<std::string_view, 33> kLeads = {
    "al",  "approx", "attn", "ca",   "capt", "cf",  "col",  "dr", "drs", "e.g", "eg",
    "esp", "gen",    "gov",  "hon",  "i.e",  "ie",  "incl", "lt", "maj", "mr",  "mrs",
    "ms",  "mt",     "mx",   "prof", "resp", "rev", "sgt",  "sr", "st",  "viz", "vs"};
constexpr std::array<std::string_view, 8> kLeadsNumber = {"fig", "figs", "no", "nos", "pp", "ref", "refs", "vol"};
constexpr std::array<std::string_view, 55> kMayEnd = {
    "adm", "amt", "appt", "assoc", "avg", "bid", "cap", "caps", "cc",  "cm", "co",  "corp", "dept", "diam",
    "dx",  "est", "etc",  "exam",  "ext", "ft",  "g",   "gm",   "gr",  "hr", "hrs", "hx",   "in",   "inc",
    "inj", "jr",  "kg",   "lb",    "lbs", "mcg", "mg",  "min",  "ml",  "mm", "mo",  "mos",  "oz",   "prn",
    "pt",  "pts", "qid",  "rx",    "sec", "sol", "tab", "tabs", "tid", "wk", "wks", "yr",   "yrs"};
static_assert(std::ranges::is_sorted(kLeads) && std::ranges::is_sorted(kLeadsNumber) &&
              std::ranges::is_sorted(kMayEnd));
constexpr size_t kLongest = 8;  // with inner stops

bool IsListed(std::string_view word, std::span<const std::string_view> sorted) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

}  // namespace

Abbreviation AbbreviationOf(std::string_view word) {
  if (word.empty() || word.size() > kLongest) return Abbreviation::kNone;
  char lower[kLongest];
  for (size_t i = 0; i < word.size(); ++i) {
    lower[i] = word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] | 0x20) : word[i];
  }
  const std::string_view folded(lower, word.size());
  if (IsListed(folded, kLeads)) return Abbreviation::kLeads;
  if (IsListed(folded, kLeadsNumber)) return Abbreviation::kLeadsNumber;
  if (word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z') return Abbreviation::kLeads;  // an initial
  // Letters with a stop between each two: q.i.d, p.o, a.m, U.S
  if (folded.find('.') != std::string_view::npos || IsListed(folded, kMayEnd)) return Abbreviation::kMayEnd;
  return Abbreviation::kNone;
}

}  // namespace freshet::chunk
