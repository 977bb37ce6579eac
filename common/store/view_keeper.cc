#include "common/store/view_keeper.h"

#include <algorithm>
#include <shared_mutex>

namespace freshet::store {

void ViewKeeper::Put(std::shared_ptr<const ViewImpl> view) {
  given_.push_back(view);
  const std::lock_guard lock(mutex_);
  newest_.swap(view);  // the one before goes when the lock is gone
}

std::shared_ptr<const ViewImpl> ViewKeeper::Newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

uint64_t ViewKeeper::Oldest(uint64_t commit) {
  std::erase_if(given_, [&](const std::weak_ptr<const ViewImpl>& weak) {
    const std::shared_ptr<const ViewImpl> view = weak.lock();
    if (view != nullptr) commit = std::min(commit, view->commit());
    return view == nullptr;
  });
  return commit;
}

void SweepPast(State& state, uint64_t oldest) {
  for (const auto& [id, space] : state.spaces) {
    if (space->past.empty() && space->removed_chunks.empty()) continue;
    const std::unique_lock lock(state.mutex);
    space->SweepPast(oldest);
  }
}

}  // namespace freshet::store
