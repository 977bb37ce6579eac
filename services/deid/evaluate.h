// Evaluate: how well de-identification does on texts whose identifiers are known.
//
//   Result<DeidFigures> figures = EvaluateDeid(file, {.policy = "safe_harbor"});
//   figures->all.Recall(), figures->LeakRate(), figures->errors
//
// Gold is what gold.h reads. Kinds do not have to agree: what is gone is found. What is optional counts neither way.
//
// Recall: places of which one finding covers half and more. Strict: of which no letter and no digit stays.
// Precision: findings that lie, by half and more, in what is needed. F2 weighs recall four times. Leak: values that
// still stand in the output. Over-redaction: hard negatives that changed. A quarantined text counts for none of these.
//
// Codes: configuration (policy), invalid_argument (a line of gold, by number). One call, one thread.
#pragma once

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "services/deid/identifier.h"

namespace freshet::deid {

struct TypeFigures {
  size_t gold = 0;
  size_t found = 0;
  size_t strict = 0;
  size_t predicted = 0;
  size_t right = 0;

  double Recall() const { return gold == 0 ? 1 : static_cast<double>(found) / static_cast<double>(gold); }
  double Strict() const { return gold == 0 ? 1 : static_cast<double>(strict) / static_cast<double>(gold); }
  double Precision() const { return predicted == 0 ? 1 : static_cast<double>(right) / static_cast<double>(predicted); }
  double F2() const;
};

// For a person to read: test data only.
struct DeidError {
  std::string id;
  bool missed = false;  // else: removed without need
  std::string type;
  std::string text;
  std::string detector;  // of what was removed without need
};

struct DeidFigures {
  TypeFigures all;
  std::map<std::string, TypeFigures> by_type;  // by label
  size_t documents = 0;
  size_t quarantined = 0;
  size_t values = 0;
  size_t leaked = 0;
  size_t negatives = 0;
  size_t negatives_changed = 0;
  size_t characters = 0;
  double seconds = 0;  // of cleaning alone
  std::vector<DeidError> errors;

  double LeakRate() const { return values == 0 ? 0 : static_cast<double>(leaked) / static_cast<double>(values); }
  double OverRedaction() const {
    return negatives == 0 ? 0 : static_cast<double>(negatives_changed) / static_cast<double>(negatives);
  }
};

struct EvaluateOptions {
  std::string policy = "safe_harbor";
};

Result<DeidFigures> EvaluateDeid(std::istream& gold, const EvaluateOptions& options);

}  // namespace freshet::deid
