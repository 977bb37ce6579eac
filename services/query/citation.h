// A citation resolved to its original: which places of the source's own text a place of a document's clean text stands
// for, and, where it is asked for, what stands there. The process that de-identifies lends the work (CitationDesk);
// elsewhere the route answers unavailable.
//
//   GET /v1/documents/{id}/citation?collection=C&start=A&end=B[&version=V][&text=true]
//
// For members of group:freshet-originals of the tenant who may read the document; reviewers and operators are not among
// them by themselves. Each call leaves its line in the audit log: who, whose document, which version and range, and
// whether the words were shown (server.h); never the words. Codes: permission_denied (not entitled), not_found (no such
// document that the caller may read, it has another version than V, or no original of it is kept), invalid_argument (a
// range that is malformed or not of the text), unavailable. Plain values and functions: any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/origin.h"
#include "schemas/clean.h"
#include "services/query/caller.h"

namespace freshet::query {

// Code points [start, end).
struct TextRange {
  size_t start = 0;
  size_t end = 0;
};

struct CitedPiece {
  TextRange clean;
  TextRange original;
  std::string replaced;  // "NAME"; empty: the same text in both
  std::string text;      // of the original, where it was asked for
};

struct CitedPlace {
  std::string media_type;  // of the original, whose parser says which text it has
  std::vector<CitedPiece> pieces;
};

struct CitationQuestion {
  const Origin& origin;  // of what the index holds
  const CleanDocument& clean;
  TextRange range;
  bool text = false;
};

struct CitationDesk {
  std::function<Result<CitedPlace>(const CitationQuestion&)> resolve;  // empty: this process keeps no originals
};

// Callers of this group may see what stood in the source; of documents that they may read, and no others.
inline constexpr std::string_view kOriginalsGroup = "freshet-originals";
bool MaySeeOriginals(const Caller& caller);

}  // namespace freshet::query
