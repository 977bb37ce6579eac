// Detector: finds identifiers of some kinds in a text. All of them, in the order in which they run, stand in one list
// in detector.cc.
//
//   std::vector<Finding> findings;
//   for (const auto& detector : detectors) detector->Detect(text, context, findings);    // places of text.folded()
//
// A detector appends; it may look at what earlier ones found. Work is linear in the text. It keeps scratch memory, so
// one instance a thread. Findings under 0.5 are guesses that a policy leaves in by default.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "services/deid/identifier.h"
#include "services/deid/roster.h"
#include "services/deid/text.h"

namespace freshet::deid {

// What is known around a text.
struct Context {
  const Roster* roster = nullptr;  // null: nobody is known
  SourceName source;
  std::span<const PatientId> patients;  // whom the document is about
  RosterScope scope = RosterScope::kSource;
  // Forms of the document's own names (native id, file's name) and of its patients' ids: identifiers wherever they
  // stand. Null: none.
  const IdentityForms* literals = nullptr;
};

class Detector {
 public:
  virtual ~Detector() = default;
  virtual void Detect(const Text& text, const Context& context, std::vector<Finding>& findings) = 0;
};

// Without its name model de-identification is blind to names that nothing announces: for measurements.
enum class NameModel : uint8_t { kOn, kOff };

// Patterns, names, the name model, roster, literals, names seen before. internal_error where the pattern table does not
// compile, corrupt_store where the name model is none.
Result<std::vector<std::unique_ptr<Detector>>> MakeDetectors(NameModel use = NameModel::kOn);

}  // namespace freshet::deid
