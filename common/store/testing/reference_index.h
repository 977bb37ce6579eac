// ReferenceIndex: what the index store must show, said in as few lines as can be checked by eye. It keeps every change
// it was told of and looks at all of them each time: nothing is derived, so nothing can drift.
//
//   ReferenceIndex reference;
//   reference.Take(mutation);  reference.Refresh();
//   reference.Visible({"user:ada"}, now)      // {"a": edition, ...}
//
// Knows one source and one collection. No mass-delete guard. Not for concurrent use.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/store/document_record.h"
#include "common/store/mutation.h"

namespace freshet::store {

class ReferenceIndex {
 public:
  void Take(const Mutation& mutation);
  void Refresh();

  using Names = std::set<std::string>;
  // Documents that a caller with these principals may find at this time, and which edition of each.
  std::map<std::string, Edition> Visible(const Names& principals, Time now) const;
  // Of the edition in the view.
  size_t ChunksOf(const std::string& document) const { return shown_.at(document).chunks; }
  // "searchable", "outdated", "withheld", "deleted", "skipped" or "unknown", as of now.
  std::string StateOf(const std::string& document) const;

 private:
  struct Content {
    Edition edition;
    std::string scope;
    size_t chunks = 0;
    size_t life = 0;  // of the document: content after a delete is another document's
  };
  struct Document {
    std::vector<Content> puts;
    std::vector<Edition> skips;
    std::set<Version> deletes;
    size_t life = 0;
    std::set<std::tuple<Version, uint64_t, bool>> holds;  // the last: released
    std::set<Version> mentions;
  };
  std::optional<Content> ContentOf(const Document& document) const;
  bool IsWithheld(const Document& document, const Edition& edition) const;
  bool Allows(const Content& content, const Names& closure, Time now) const;
  Names Closure(Names principals, Time now) const;
  void Delete(Document& document, const Version& version);
  static Version NewestOf(const Document& document);
  bool IsGone(const Document& document, const Version& version) const;
  void End(const Version& begin);

  std::map<std::string, Document> documents_;
  std::map<std::string, std::vector<std::pair<Version, SetAccess>>> scopes_;  // oldest first
  std::map<std::string, std::map<Version, SetGroup>> groups_;
  Version floor_;                         // the last snapshot's begin
  std::map<std::string, Content> shown_;  // as of the last Refresh
};

}  // namespace freshet::store
