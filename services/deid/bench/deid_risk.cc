// What guesses that were left in are worth: for each, its detector, its score, and whether it was an identifier.
//
//   deid_risk GOLD...                  // files as `freshet eval deid` reads them
//
// Prints a line a guess, "text detector score right", then a line a text, "text - guessed leaked trait trait ...": what
// the constants of ../risk.cc and ../risk_traits.cc are fitted to, by model/calibrate.py.
#include <cstdio>
#include <fstream>

#include "services/deid/cleaner.h"
#include "services/deid/gold.h"
#include "services/deid/parse/parser.h"
#include "services/deid/risk.h"
#include "services/deid/risk_traits.h"

namespace freshet::deid {
namespace {

bool Overlaps(const GoldPlace& place, const Finding& finding) {
  return place.range.begin < finding.end && finding.begin < place.range.end;
}

bool IsGone(const GoldPlace& place, std::span<const Finding> gone) {
  return std::any_of(gone.begin(), gone.end(), [&](const Finding& one) {
    const uint32_t begin = std::max(one.begin, place.range.begin), end = std::min(one.end, place.range.end);
    return end > begin && 2 * (end - begin) >= place.range.end - place.range.begin;
  });
}

Status Judge(Cleaner& cleaner, const GoldText& gold) {
  FRESHET_ASSIGN_OR_RETURN(const ParsedDocument parsed, Parse("text/plain", gold.text));
  const CleanJob job{*DefaultPolicy(), {}, {}};
  const Result<Cleaned> clean = cleaner.CleanText(parsed.text, parsed.blocks, job);
  if (!clean.ok()) return clean.code() == Code::kQuarantined ? OkStatus() : clean.status();
  for (const Finding& guess : clean->guesses) {
    const bool right = std::any_of(gold.places.begin(), gold.places.end(),
                                   [&](const GoldPlace& place) { return place.needed && Overlaps(place, guess); });
    std::printf("%s %s %.3f %d\n", gold.id.c_str(), std::string(guess.detector).c_str(),
                static_cast<double>(guess.score), right);
  }
  bool leaked = false;
  for (const GoldPlace& place : gold.places) leaked |= place.needed && !IsGone(place, clean->findings);
  for (const std::string& value : gold.values) leaked |= clean->text.find(value) != std::string::npos;
  const RiskTraits traits = TraitsOf(Text(parsed.text), clean->findings);
  const float guessed = RiskOf(clean->guesses, CompanyOf(traits));
  std::printf("%s - %.4f %d", gold.id.c_str(), static_cast<double>(guessed), leaked);
  for (const float trait : traits) std::printf(" %.4f", static_cast<double>(trait));
  std::printf("\n");
  return OkStatus();
}

Status Run(int count, char** files) {
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<Cleaner> cleaner, Cleaner::Make());
  for (int i = 1; i < count; ++i) {
    std::ifstream file(files[i]);
    if (!file) return Status(Code::kInvalidArgument, "A gold file cannot be read.");
    std::string line;
    for (size_t number = 1; std::getline(file, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      FRESHET_ASSIGN_OR_RETURN(const GoldText gold, ReadGold(line, number));
      FRESHET_RETURN_IF_ERROR(Judge(*cleaner, gold));
    }
  }
  return OkStatus();
}

}  // namespace
}  // namespace freshet::deid

int main(int count, char** files) {
  const freshet::Status status = freshet::deid::Run(count, files);
  if (!status.ok()) std::fprintf(stderr, "deid_risk: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
