// Core: what the index store and all its views share, and what therefore lives until the last of them is gone.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <shared_mutex>

#include "common/store/database.h"
#include "common/store/fair_mutex.h"
#include "common/store/lexical.h"
#include "common/store/state.h"

namespace freshet::store {

// Who writes the index reads it through snapshots. Who follows it has none: the whole database moves on when it catches
// up, and the state with it, under this mutex's exclusive lock. So what is read under the shared one is what the state
// says, and it is what a view shows where the document has not changed since.
struct FollowerReads {
  mutable FairSharedMutex mutex;  // before State::mutex, where both are held
  bool diverged = false;          // database and state are not of one commit any more: nothing can be read
};

struct Core {
  IndexStoreOptions options;
  std::shared_ptr<Database> database;  // of a follower, another one after the writer has restarted
  State state;
  std::unique_ptr<FollowerReads> follower;  // null where the index is written
  // Being read while the rest is loaded, until a LexicalFeed takes them.
  std::map<SpaceId, std::future<Result<std::unique_ptr<LexicalIndex>>>> lexical_openings;
};

}  // namespace freshet::store
