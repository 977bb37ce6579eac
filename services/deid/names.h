// Names of people by what stands around them: titles, roles, relatives, credentials, signature lines, greetings, and
// given names that are no other word. What nobody announces is the work of the roster and of a statistical model.
//
//   "Dr. Quill", "Patient: QUILL, ADA", "signed by Ada Quill, RN", "his wife Ada", "Ada Q."
//
// Eponyms stay: a name before a word such as disease, sign or catheter is no person.
#pragma once

#include "services/deid/detector.h"

namespace freshet::deid {

class NameDetector final : public Detector {
 public:
  void Detect(const Text& text, const Context& context, std::vector<Finding>& findings) override;
};

// Every further mention of a name that was found in the same text: after "Dr. Ada Quill", "Quill" alone.
class NameAgainDetector final : public Detector {
 public:
  void Detect(const Text& text, const Context& context, std::vector<Finding>& findings) override;
};

}  // namespace freshet::deid
