// Touched: which records a commit changed, so that whoever follows the index in another process knows what to read
// again. One key of the journal family a commit, without gaps; the oldest go when there are many.
//
//   Put(kJournal, TouchedKey(commit), EncodeTouched(changes, names));
//   Touched touched;   Status status = touched.Add(value);          // of each commit since: all that is to be read
//
//   touched  := 2 sources spaces                 how many the index knows
//               count (collection generation count named*)*        documents
//               count named* count named* count named*             scopes, groups, consents
//               count (stream partition)* count (source stream partition)* count (source name:bytes)*
//                                                                   accounts, watermarks, snapshots
//               count (collection generation count list*)*         inverted lists of vectors
//   named    := source id:bytes                  numbers are varints (wire.h)
//
// Format 1 ends before the lists. Records of collections are few, and read again each time. Decoding: corrupt_store.
// Plain values.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/store/changes.h"

namespace freshet::store {

struct NamesKnown {
  uint64_t sources = 0;
  uint64_t spaces = 0;
  bool operator==(const NamesKnown&) const = default;
};

std::string EncodeTouched(const Changes& changes, const NamesKnown& names);

struct Touched {
  NamesKnown names;
  std::map<SpaceId, std::set<SourceKey>> documents;
  std::set<SourceKey> scopes;
  std::set<SourceKey> groups;
  std::set<SourceKey> consents;
  std::set<PartitionId> accounts;
  std::set<WatermarkId> watermarks;
  std::set<SnapshotId> snapshots;
  std::map<SpaceId, std::set<uint32_t>> lists;
  bool knows_lists = true;

  // What a later commit changed, too.
  Status Add(std::string_view value);
};

// How much of this is kept: about `bytes`. When its eighth part has come, a mark is set, and what lies before the
// eighth mark from the end goes. What an earlier process left counts as one part. The writer's.
class TouchedTrail {
 public:
  static constexpr size_t kMarks = 8;

  TouchedTrail(uint64_t newest_commit, uint64_t bytes) : mark_bytes_(bytes / kMarks), marks_{newest_commit} {}
  void Note(uint64_t commit, uint64_t bytes);
  // Up to which commit they may go; 0: none.
  uint64_t TakeOld();

 private:
  const uint64_t mark_bytes_;
  std::deque<uint64_t> marks_;  // the last commit of each, oldest first
  uint64_t bytes_ = 0;          // since the last mark
};

}  // namespace freshet::store
