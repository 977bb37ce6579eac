// Sender: for the rigs of sources that push: delivers messages one after the other, each until it is acknowledged, as a
// real sender does; and a port to deliver to.
//
//   Sender sender([&](const std::string& message) { return Post(port, message) == 202; });
//   sender.Send(message);   ...   sender.idle()
//
// Any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace freshet::kit {

// A port of 127.0.0.1 that is free now.
int FreePort();

class Sender {
 public:
  using Attempt = std::function<bool(const std::string& message)>;  // true: acknowledged
  explicit Sender(Attempt attempt);
  ~Sender();

  void Send(std::string message);
  bool idle() const;

 private:
  void Run();

  const Attempt attempt_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> messages_;  // the front is under way
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace freshet::kit
