// Cleaner: detect, resolve, replace and verify for one document's texts. The stage and `freshet deid batch` share it.
//
//   Result<std::unique_ptr<Cleaner>> cleaner = Cleaner::Make();
//   Result<Cleaned> clean = (*cleaner)->CleanText(parsed.text, parsed.blocks, {policy, context});
//   Result<std::string> title = (*cleaner)->CleanLine({}, parsed.title, job);
//
// Codes: quarantined where verification finds something left. One instance a thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "services/deid/detector.h"
#include "services/deid/policy.h"
#include "services/deid/replace.h"
#include "services/deid/resolve.h"

namespace freshet::deid {

struct CleanJob {
  const Policy& policy;
  Context context;
  ReplaceKeys keys;  // none: what the policy would make up is a placeholder
};

struct Cleaned {
  std::string text;
  std::vector<Block> blocks;
  std::vector<Finding> findings;  // in bytes of the source text
  std::vector<Edit> edits;        // what became of each of them
  std::vector<Finding> guesses;   // in bytes of the source text: what was left in though some detector was in doubt
  float risk = 0;                 // 0 to 1: that something was left in (risk.h)
};

// What all detectors said, and what is made of it.
struct Found {
  std::vector<Finding> all;       // bytes of the source text, in no order
  std::vector<Finding> resolved;  // in order, disjoint
};

class Cleaner {
 public:
  static Result<std::unique_ptr<Cleaner>> Make(NameModel use = NameModel::kOn);

  Result<Cleaned> CleanText(std::string_view text, std::span<const Block> blocks, const CleanJob& job);
  // For explanations (explain.h).
  Found FindAll(std::string_view text, std::span<const Block> blocks, const CleanJob& job);
  // A short text of its own, such as a title or an attribute's value, with what announces it ("mrn").
  Result<std::string> CleanLine(std::string_view announced_by, std::string_view line, const CleanJob& job);

 private:
  explicit Cleaner(std::vector<std::unique_ptr<Detector>> detectors) : detectors_(std::move(detectors)) {}
  Resolved Find(std::string_view text, const CleanJob& job);

  std::vector<std::unique_ptr<Detector>> detectors_;
  Text text_;
  std::vector<Finding> findings_;
};

}  // namespace freshet::deid
