// Passages: what candidates of one search stand for, as text that the caller may read.
//
//   Passages passages({.view = *view, .access = access, .keys = keys, .collections = names, .policies = policies});
//   Result<SearchHit> hit = passages.HitOf(candidate);
//   passages.AddNeighbours(candidate, 1, *hit);
//
// Access is asked again for each, and the seal of each document is checked, once. Codes of HitOf: not_found (gone, or
// not the caller's), quarantined (made under another policy than the one in force), seal_mismatch, corrupt_store,
// io_error. One thread, for the time of one search.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/keys.h"
#include "schemas/clean.h"
#include "services/query/fusion.h"
#include "services/query/search.h"

namespace freshet::query {

class Passages {
 public:
  struct Parts {
    const store::View& view;
    const store::Access& access;
    const KeyRing& keys;
    const std::vector<CollectionName>& collections;         // that candidates count by
    const std::map<CollectionName, std::string>& policies;  // in force, by name
  };
  explicit Passages(Parts parts) : parts_(parts) {}

  Result<SearchHit> HitOf(const Candidate& candidate);
  // Title, sections and text of a candidate, as they are searched; valid as long as this. Of what is weighed, not
  // shown: access is not asked again.
  Result<std::vector<std::string_view>> PartsOf(const Candidate& candidate);
  // Up to so many blocks (paragraphs, list items, table rows) before the hit and after it, in the order of the
  // document; headings are their section. They are of the hit's version, and as visible as it is.
  void AddNeighbours(const Candidate& candidate, size_t count, SearchHit& hit);

 private:
  struct Opened {
    store::StoredDocument document;
    CleanDocument clean;
  };
  Result<const Opened*> Open(const Candidate& candidate);
  Result<Passage> PassageOf(const CollectionName& collection, ChunkOrdinal chunk, const CleanDocument& clean) const;
  bool IsOfPolicy(const CleanDocument& clean, const CollectionName& collection) const;

  const Parts parts_;
  std::map<std::pair<size_t, DocumentOrdinal>, Opened> opened_;
};

// Cuts the hit's text down to what says most of what was asked (snippet.h); places count code points of the clean text.
class Highlighter;
HitSnippet SnippetOf(const SearchHit& hit, const Highlighter& highlighter, size_t code_points);

}  // namespace freshet::query
