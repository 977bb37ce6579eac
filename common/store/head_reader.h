// HeadReader: the heads of a space's documents, read and decoded by a thread of its own while the caller takes in those
// before them: that is most of what opening a large index costs.
//
//   HeadReader reader(core, space);
//   for (;;) {
//     FRESHET_ASSIGN_OR_RETURN(HeadReader::Heads heads, reader.Next());      // in the order of their keys
//     if (heads.empty()) break;
//     ...
//   }
//
// Until it is gone it alone uses the space's facet_pool. Codes of Next: corrupt_store, io_error. One thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/store/core.h"

namespace freshet::store {

class HeadReader {
 public:
  using Heads = std::vector<std::pair<SourceKey, DocumentHead>>;

  HeadReader(Core& core, Space& space);
  ~HeadReader();

  // Empty at the end.
  Result<Heads> Next();

 private:
  Status Read(Core& core, Space& space);
  bool Give(Heads heads);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Heads> waiting_;
  std::optional<Status> ended_;
  bool given_up_ = false;
  std::thread thread_;  // the last: it uses the others
};

}  // namespace freshet::store
