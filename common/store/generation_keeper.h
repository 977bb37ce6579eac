// GenerationKeeper: which documents are behind in a generation that is to be kept current, for the writer.
//
//   keeper.Keep({"a", "b"});                        // recipes that are made
//   keeper.Note(changes);                           // after each write
//   keeper.Take(16)                                 // documents to be made: what changed lately first
//
// What changed is noted; what was there before is found by going through every other generation once. Both only say
// where to look: whether a document is behind is for its heads to say, when it is taken. Nothing of it is stored: after
// a restart everything is gone through again. Only the writer thread. Codes: io_error, corrupt_store.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "common/store/changes.h"
#include "common/store/core.h"

namespace freshet::store {

class GenerationKeeper {
 public:
  explicit GenerationKeeper(Core& core) : core_(core) {}

  void Keep(std::set<std::string> recipes) { recipes_ = std::move(recipes); }
  void Note(const Changes& changes);
  Result<std::vector<BehindDocument>> Take(size_t limit);

 private:
  // A generation to be kept.
  struct Target {
    std::set<SourceKey> changed;
    std::map<uint32_t, uint32_t> next;  // by other generation: the ordinal to look at next
  };
  bool IsKept(SpaceId id) const;
  Status TakeChanged(const Space& space, Target& target, size_t limit, std::vector<BehindDocument>& taken);
  Status TakeOlder(const Space& space, Target& target, size_t limit, std::vector<BehindDocument>& taken);
  Status TakeIfBehind(const Space& space, const SourceKey& key, std::vector<BehindDocument>& taken) const;

  Core& core_;
  std::set<std::string> recipes_;
  std::map<SpaceId, Target> targets_;
};

}  // namespace freshet::store
