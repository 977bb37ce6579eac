// SharedRoster: the newest roster, from the thread that follows identities to those that only look at it. Any thread.
#pragma once

#include <memory>
#include <mutex>

#include "services/deid/roster.h"

namespace freshet {

class SharedRoster {
 public:
  std::shared_ptr<const deid::Roster> Get() const {
    const std::lock_guard lock(mutex_);
    return roster_;
  }
  void Set(std::shared_ptr<const deid::Roster> roster) {
    const std::lock_guard lock(mutex_);
    roster_ = std::move(roster);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const deid::Roster> roster_;
};

}  // namespace freshet
