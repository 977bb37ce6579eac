// ViewKeeper: the newest view, and which older ones somebody may still hold.
//
//   keeper.Put(view);                      // the thread that makes views
//   keeper.Newest();                       // any thread
//   space.SweepPast(keeper.Oldest(commit));
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "common/store/view_impl.h"

namespace freshet::store {

class ViewKeeper {
 public:
  void Put(std::shared_ptr<const ViewImpl> view);
  // One that is given out beside the newest.
  void Note(const std::shared_ptr<const ViewImpl>& view) { given_.push_back(view); }
  std::shared_ptr<const ViewImpl> Newest() const;
  // The oldest commit of a view that somebody holds; `commit` where none is older. The maker's thread.
  uint64_t Oldest(uint64_t commit);

 private:
  std::vector<std::weak_ptr<const ViewImpl>> given_;
  mutable std::mutex mutex_;
  std::shared_ptr<const ViewImpl> newest_;  // guarded by mutex_
};

// Forgets in `state` what only older views needed.
void SweepPast(State& state, uint64_t oldest);

}  // namespace freshet::store
