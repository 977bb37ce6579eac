// Waker: one thread sleeps until any of several things may have work for it.
//
//   waker.Wait(100ms);   // returns at once where Wake() was called since the last Wait
//
// Wake() may be called from any thread, Wait() from one.
#pragma once

#include <condition_variable>
#include <mutex>

#include "common/base/clock.h"

namespace freshet {

class Waker {
 public:
  void Wake() {
    {
      std::lock_guard lock(mutex_);
      awake_ = true;
    }
    condition_.notify_one();
  }

  void Wait(Duration limit) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, limit, [this] { return awake_; });
    awake_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool awake_ = false;
};

}  // namespace freshet
