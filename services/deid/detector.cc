#include "services/deid/detector.h"

#include "services/deid/name_model.h"
#include "services/deid/names.h"
#include "services/deid/patterns.h"
#include "services/deid/roster_match.h"

namespace freshet::deid {
namespace {

// The known-identity join, and the birth date in whatever form a pattern found it.
class RosterDetector final : public Detector {
 public:
  void Detect(const Text& text, const Context& context, std::vector<Finding>& findings) override {
    if (context.roster == nullptr || context.roster->empty()) return;
    const RosterQuery query{context.source, context.patients, context.scope};
    if (!context.patients.empty()) {
      for (Finding& finding : findings) {
        if (finding.type == IdentifierType::kDate && IsBirthDate(text, finding, *context.roster, query)) {
          finding.score = 0.99f;
          finding.detector = "roster/birth-date";
        }
      }
    }
    context.roster->Find(text, query, findings);
  }

 private:
  static bool IsBirthDate(const Text& text, const Finding& finding, const Roster& roster, const RosterQuery& query) {
    for (const CalendarDate& day : ReadDate(text.folded().substr(finding.begin, finding.end - finding.begin))) {
      if (roster.IsBirthDate(query, day)) return true;
    }
    return false;
  }
};

class LiteralDetector final : public Detector {
 public:
  void Detect(const Text& text, const Context& context, std::vector<Finding>& findings) override {
    if (context.literals == nullptr || context.literals->forms.empty()) return;
    const size_t before = findings.size();
    MatchForms(text, {.identities = {context.literals}}, findings);
    for (size_t i = before; i < findings.size(); ++i) findings[i].detector = "document/name";
  }
};

}  // namespace

Result<std::vector<std::unique_ptr<Detector>>> MakeDetectors(NameModel use) {
  FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<PatternDetector> patterns, PatternDetector::Make());
  FRESHET_ASSIGN_OR_RETURN(const TaggerModel* model, TaggerModel::Get());
  std::vector<std::unique_ptr<Detector>> detectors;
  detectors.push_back(std::move(patterns));
  detectors.push_back(std::make_unique<NameDetector>());
  if (use == NameModel::kOn) detectors.push_back(std::make_unique<NameModelDetector>(*model));
  detectors.push_back(std::make_unique<RosterDetector>());
  detectors.push_back(std::make_unique<LiteralDetector>());
  detectors.push_back(std::make_unique<NameAgainDetector>());
  return detectors;
}

}  // namespace freshet::deid
