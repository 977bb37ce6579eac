// StopSignal: sleep that ends when somebody says so. Any thread.
//
//   signal.Sleep(5s);      // less where another thread calls signal.Stop()
#pragma once

#include <condition_variable>
#include <mutex>

#include "common/base/clock.h"

namespace freshet {

class StopSignal {
 public:
  void Stop() {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    condition_.notify_all();
  }
  bool stopped() const {
    std::lock_guard lock(mutex_);
    return stopped_;
  }
  void Sleep(Duration limit) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, limit, [this] { return stopped_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable condition_;
  bool stopped_ = false;
};

}  // namespace freshet
