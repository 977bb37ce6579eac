// FollowerStore: the index that another process writes, read from the same directory: a RocksDB secondary instance, the
// same state in memory, kept in step with the writer's commits. Writes nothing there.
//
//   auto store = FollowerStore::Open({.path = dir, ...});            // the writer's own options
//   while (...) (*store)->CatchUp();                                 // whenever something may have been written
//   std::shared_ptr<const View> view = (*store)->CurrentView();
//
// How it keeps up. Each commit of the writer leaves behind which records it touched (touched.h). CatchUp lets RocksDB
// catch up, reads those records again, and changes memory by the code that the writer uses (changes.h). What was pruned
// before it was read, or a database that does not fit any more, is loaded anew, beside the old. Words come from the
// lexical directory's newest commit and from the stored texts of what came since (lexical_feed.h).
//
// What a view of it shows. Everything as of one commit, but for documents that have changed after it: of those nothing
// is read any more, so that a hit on one is dropped; the next view has their new version. A view lives as long as it is
// held. Whether access is fresh enough to be believed is for the watermarks to say, also when no writer runs.
//
// CatchUp: one thread at a time. The rest: any.
#pragma once

#include <memory>

#include "common/store/index_store.h"

namespace freshet::store {

class FollowerStore : public IndexReader {
 public:
  // not_found: no writer has made the index yet. unavailable: it changes too quickly, or is being made; try again.
  // corrupt_store, io_error.
  static Result<std::unique_ptr<FollowerStore>> Open(IndexStoreOptions options);

  // Makes what was written before the call visible to later CurrentView calls; cheap where nothing was. On error
  // (unavailable, corrupt_store, io_error) views stay what they were; the next call tries again.
  virtual Status CatchUp() = 0;

  // The commit that CurrentView shows.
  virtual uint64_t commit() const = 0;
  // How often everything had to be loaded anew.
  virtual uint64_t reloads() const = 0;
};

}  // namespace freshet::store
