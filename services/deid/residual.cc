#include "services/deid/residual.h"

#include "services/deid/replace.h"
#include "services/deid/verify.h"

namespace freshet::deid {
namespace {

struct Residue {
  size_t known = 0;
  size_t shapes = 0;
};

bool MayBeMadeUp(const Policy& policy, const Finding& finding) {
  return policy.rule(finding.type).action == Action::kSurrogate && finding.detector != "roster/number";
}

void Scan(std::string_view line, const SourceName& source, const Policy& policy, const Roster* roster,
          Residue& residue) {
  if (line.empty()) return;
  const Text text(line);
  if (policy.rule(IdentifierType::kEmail).action != Action::kSurrogate) {
    residue.shapes += CountHardShapes(text.folded(), policy);
  }
  if (roster == nullptr || roster->empty()) return;
  std::vector<Finding> findings;
  roster->Find(text, {source, {}, RosterScope::kSource}, findings);
  for (const Finding& finding : findings) {
    residue.known += policy.Removes(finding) && !MayBeMadeUp(policy, finding) &&
                     !IsInPlaceholder(text.folded(), finding.begin, finding.end);
  }
}

}  // namespace

Status ScanResidue(const CleanDocument& clean, const SourceName& source, const Policy& policy, const Roster* roster) {
  if (!policy.cleans) return OkStatus();
  if (policy.roster_scope != RosterScope::kSource) roster = nullptr;  // others' names may stand there
  Residue residue;
  Scan(clean.text(), source, policy, roster, residue);
  Scan(clean.title(), source, policy, roster, residue);
  for (const Attribute& attribute : clean.attributes()) {
    Scan(attribute.name, source, policy, roster, residue);
    for (const std::string& value : attribute.values) Scan(value, source, policy, roster, residue);
  }
  if (residue.known + residue.shapes == 0) return OkStatus();
  return Status(Code::kQuarantined, std::to_string(residue.known) + " known identities, " +
                                        std::to_string(residue.shapes) + " hard shapes left.");
}

}  // namespace freshet::deid
