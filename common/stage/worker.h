// Worker: something that is run step by step: by a thread of its own in a service, by hand in a test or a simulation.
//
//   WorkerThread thread(runner, "chunk");   // steps until Stop(), sleeping on the worker's waker while there is
//   nothing thread.Stop();                          // finishes the step, joins
//
// A step never blocks for long and never throws.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "common/base/status.h"
#include "common/base/waker.h"

namespace freshet {

class Worker {
 public:
  virtual ~Worker() = default;
  // Does what is due now; true where it did anything. An error halts the worker: it is a code that needs an operator.
  virtual Result<bool> Step() = 0;
  // Woken when there may be work.
  virtual Waker& waker() = 0;
};

class WorkerThread {
 public:
  WorkerThread(Worker& worker, std::string name, std::function<void(const std::string& name, const Status&)> on_halt);
  ~WorkerThread() { Stop(); }
  void Stop();

 private:
  void Run();

  Worker& worker_;
  const std::string name_;
  const std::function<void(const std::string&, const Status&)> on_halt_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace freshet
