// What an operator asks of a running site, and what it answers: the words of the HTTP interface without HTTP.
#pragma once

#include <map>
#include <string>

#include "common/base/status.h"

namespace freshet::repair {

struct OperatorCall {
  std::string action;   // "dead_letters", "replay", "drop", "pause", "resume", "backfill", "reconcile", "receipt"
  std::string subject;  // the variable part of the path: a source, a document
  std::map<std::string, std::string> parameters;
  std::string body;  // JSON, or empty
};

struct OperatorAnswer {
  std::string json;
  std::string audit;  // what was acted on
};

}  // namespace freshet::repair
