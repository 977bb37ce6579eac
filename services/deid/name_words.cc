#include "services/deid/name_words.h"

#include <algorithm>
#include <iterator>

#include "services/deid/text.h"

namespace freshet::deid {

// Many a place of care has one of these in its name, but nothing else makes none of it one.
bool IsAnyDepartment(std::string_view lower) {
  static constexpr std::string_view kWords[] = {
      "pain",      "clinic", "clinics", "center",    "centre",     "health", "women",  "s",          "memory",
      "sleep",     "eye",    "dental",  "emergency", "department", "urgent", "care",   "outpatient", "inpatient",
      "primary",   "heart",  "stroke",  "wound",     "the",        "our",    "local",  "community",  "university",
      "hospital",  "icu",    "ward",    "unit",      "office",     "cancer", "trauma", "surgery",    "diabetes",
      "specialty", "mental", "medical", "nursing",   "general",    "home",   "and",    "of",         "in"};
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

// "125 mL/h": a dose, not a house.
bool IsUnit(std::string_view lower) {
  static constexpr std::string_view kUnits[] = {"ml",    "mg",    "mcg",     "kg",    "mmol",   "meq",   "mmhg",
                                                "dl",    "bpm",   "iu",      "cc",    "days",   "weeks", "months",
                                                "years", "hours", "minutes", "times", "tablets"};
  return std::find(std::begin(kUnits), std::end(kUnits), lower) != std::end(kUnits);
}

// "Lipid Panel", "Urine Culture": the last word of what laboratories report, and of no name.
bool IsReportHead(std::string_view lower) {
  constexpr std::string_view kHeads[] = {"panel", "panels",   "profile", "screen", "screening", "culture",
                                         "smear", "hemogram", "assay",   "titer",  "urinalysis"};
  return std::find(std::begin(kHeads), std::end(kHeads), lower) != std::end(kHeads);
}

// Greek and Latin ends that diseases, operations, germs and drugs have, and hardly a person or town.
bool IsMedicalTerm(std::string_view lower) {
  static constexpr std::string_view kEnds[] = {
      "itis",    "osis",     "emia",   "pathy",   "plasia", "trophy", "ectomy",  "otomy",   "ostomy",
      "oscopy",  "algia",    "cele",   "genesis", "virus",  "coccus", "penia",   "uria",    "megaly",
      "dactyly", "cephaly",  "plegia", "phasia",  "mycin",  "cillin", "statin",  "prazole", "sartan",
      "dipine",  "azole",    "tinib",  "umab",    "zumab",  "cyte",   "cytosis", "opia",    "rrhea",
      "lysis",   "iasis",    "philia", "spermia", "bacter", "derma",  "lepsy",   "plexy",   "mastia",
      "noma",    "blastoma", "omas",   "phyria",  "amnios", "kinase"};
  return lower.size() >= 8 &&
         std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view end) { return lower.ends_with(end); });
}

// A country's offices and societies, of which no patient is told apart.
bool IsAuthority(std::string_view lower) {
  const bool nations = lower.starts_with("national ") || lower.starts_with("american ") ||
                       lower.starts_with("world ") || lower.starts_with("federal ") ||
                       lower.starts_with("international ");
  return nations && lower.find("hospital") == std::string_view::npos &&
         lower.find("clinic") == std::string_view::npos && lower.find("medical c") == std::string_view::npos;
}

namespace {

bool IsPlural(std::string_view text, size_t at) {
  size_t end = at < text.size() && text[at] == ' ' ? at + 1 : at;
  while (end < text.size() && IsAlpha(text[end])) ++end;
  return end > at + 1 && text[end - 1] == 's';
}

}  // namespace

uint32_t EndOfPostalCode(std::string_view text, uint32_t at) {
  size_t begin = at;
  while (begin < text.size() && begin < at + 2 && (text[begin] == ' ' || text[begin] == ',')) ++begin;
  size_t end = begin, digits = 0;
  while (end < text.size() && IsDigit(text[end])) ++end;
  digits = end - begin;
  if (begin == at || digits < 3 || digits > 5) return at;
  const bool more = end + 1 < text.size() && (text[end] == ' ' || text[end] == '-') && IsDigit(text[end + 1]);
  size_t tail = end;
  if (more) {
    for (tail = end + 1; tail < text.size() && IsDigit(text[tail]); ++tail) {
    }
    if (tail - end - 1 == 2 || tail - end - 1 == 3 || tail - end - 1 == 4) digits += tail - end - 1;
    if (digits == end - begin) tail = end;
  }
  const bool year = tail == end && digits == 4 && (text.substr(begin, 2) == "19" || text.substr(begin, 2) == "20");
  const bool whole = tail >= text.size() || !(IsWord(text[tail]) || text[tail] == '/' || text[tail] == ':');
  const bool decimal = tail + 1 < text.size() && (text[tail] == '.' || text[tail] == ',') && IsDigit(text[tail + 1]);
  if (digits < 4 || year || !whole || decimal || IsPlural(text, tail)) return at;
  return static_cast<uint32_t>(tail);
}

}  // namespace freshet::deid
