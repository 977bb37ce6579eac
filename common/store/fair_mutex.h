// FairSharedMutex: a shared mutex whose exclusive side waits only for those that were there before it. The system's own
// lets readers pass a waiting writer for as long as they keep coming.
//
//   std::shared_lock reading(mutex);      std::unique_lock writing(mutex);
//
// Not recursive: who holds it shared and asks for it again may wait for ever.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace freshet::store {

class FairSharedMutex {
 public:
  void lock() {
    const std::lock_guard turn(turn_);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  void lock_shared() {
    const std::lock_guard turn(turn_);
    mutex_.lock_shared();
  }
  void unlock_shared() { mutex_.unlock_shared(); }

 private:
  std::mutex turn_;
  std::shared_mutex mutex_;
};

}  // namespace freshet::store
