// NameModelDetector: names, streets, towns and places of care that no list and no announcing word gives away, by the
// statistical model (tagger.h).
//
//   detectors.push_back(std::make_unique<NameModelDetector>(model));
//   // "Why is Ada Quill late?" -> NAME .88, detector "model/name"
//
// Its score is the odds that the model gives, at most .9: what is announced or known outweighs it. What it takes for an
// organisation, a state, a country or an eponym stays. Runs after the detectors of names, so that it can tell staff.
#pragma once

#include <vector>

#include "services/deid/detector.h"
#include "services/deid/tagger.h"

namespace freshet::deid {

class NameModelDetector final : public Detector {
 public:
  explicit NameModelDetector(const TaggerModel& model) : model_(model), tagger_(model) {}
  void Detect(const Text& text, const Context& context, std::vector<Finding>& findings) override;

 private:
  const TaggerModel& model_;
  Tagger tagger_;
  std::vector<TaggedSpan> spans_;
};

}  // namespace freshet::deid
