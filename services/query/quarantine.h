// Quarantine as reviewers meet it over HTTP: what is held, why, and letting it through or running it again. The process
// that de-identifies lends the work (QuarantineDesk); elsewhere the routes answer unavailable.
//
//   GET  /v1/quarantine                        what is held: coordinates, reason, risk        reviewers and operators
//   GET  /v1/quarantine/{id}?collection=C      the text in clear with every decision about it            reviewers
//   POST /v1/quarantine/{id}/release           {"collection", "version"}: this version goes on           reviewers
//   POST /v1/quarantine/{id}/rerun             {"collection"}: through de-identification once more       reviewers
//
// Reviewers are the members of group:freshet-reviewers of the tenant. Each call leaves its line in the audit log, with
// whose document and which version (server.h). Plain values and functions: any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/origin.h"
#include "common/base/status.h"
#include "services/query/caller.h"

namespace freshet::query {

struct HeldDocument {
  DocumentKey document;
  Version version;
  std::string reason;  // of a closed table: "doubt", "residue", ...
  bool releasable = false;
  double risk = 0;
  std::string policy;
  Time since;
  std::string released_by;  // empty: held
  Time released_at;
};

struct HeldDecision {
  size_t start = 0;  // code points of the text
  size_t end = 0;
  std::string type;
  double score = 0;
  std::string detector;
  std::string action;  // what was done; "keep": it was left in
  std::string replacement;
  std::string why;
};

struct ShownDocument {
  HeldDocument held;
  std::string text;  // in clear
  std::vector<HeldDecision> decisions;
};

struct QuarantineDesk {
  std::function<std::vector<HeldDocument>()> list;  // empty: this process does not de-identify
  std::function<Result<ShownDocument>(const CollectionName&, const DocumentId&)> show;
  std::function<Result<HeldDocument>(const DocumentKey&, const Version&, const std::string& user)> release;
  std::function<Result<HeldDocument>(const DocumentKey&)> rerun;
};

bool IsReviewer(const Caller& caller);

}  // namespace freshet::query
