#include "connectors/kit/sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace freshet::kit {
namespace {

constexpr std::chrono::milliseconds kPause(3);  // between two attempts

}  // namespace

int FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(descriptor);
  return bound ? ntohs(address.sin_port) : 0;
}

Sender::Sender(Attempt attempt) : attempt_(std::move(attempt)), thread_([this] { Run(); }) {}

Sender::~Sender() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Sender::Send(std::string message) {
  std::lock_guard lock(mutex_);
  messages_.push_back(std::move(message));
  changed_.notify_all();
}

bool Sender::idle() const {
  std::lock_guard lock(mutex_);
  return messages_.empty();
}

void Sender::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stop_ || !messages_.empty(); });
    if (stop_) return;
    const std::string message = messages_.front();
    lock.unlock();
    const bool acknowledged = attempt_(message);
    lock.lock();
    if (acknowledged) {
      messages_.pop_front();
    } else {
      changed_.wait_for(lock, kPause, [this] { return stop_; });
    }
  }
}

}  // namespace freshet::kit
