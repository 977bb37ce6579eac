#include "common/stage/worker.h"

#include <pthread.h>

namespace freshet {
namespace {

constexpr Duration kLongestSleep = std::chrono::milliseconds(20);  // retries and refreshes come due without a wake

}  // namespace

WorkerThread::WorkerThread(Worker& worker, std::string name,
                           std::function<void(const std::string& name, const Status&)> on_halt)
    : worker_(worker), name_(std::move(name)), on_halt_(std::move(on_halt)), thread_([this] { Run(); }) {}

void WorkerThread::Stop() {
  stopping_ = true;
  worker_.waker().Wake();
  if (thread_.joinable()) thread_.join();
}

void WorkerThread::Run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());  // what top and perf show
  while (!stopping_) {
    const Result<bool> worked = worker_.Step();
    if (!worked.ok()) {
      on_halt_(name_, worked.status());
      return;
    }
    if (!*worked) worker_.waker().Wait(kLongestSleep);
  }
}

}  // namespace freshet
