// For tests: a server that takes connections, reads requests and never answers.
//
//   SilentServer silent;                   // 127.0.0.1, any port
//   silent.AwaitRequest();                 // one more than was awaited before has come
//
// One thread; it has one of its own.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace freshet::fhir {

class SilentServer {
 public:
  SilentServer() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, raw, size) != 0 || listen(listener_, 16) != 0 || getsockname(listener_, raw, &size) != 0)
      return;
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~SilentServer() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    for (const int socket : taken_) close(socket);
    close(listener_);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  int port() const { return port_; }
  void AwaitRequest() {
    std::unique_lock lock(mutex_);
    ++awaited_;
    come_.wait(lock, [&] { return requests_ >= awaited_; });
  }

 private:
  void Serve() {
    for (int socket = accept(listener_, nullptr, nullptr); socket >= 0; socket = accept(listener_, nullptr, nullptr)) {
      taken_.push_back(socket);
      char byte = 0;
      if (read(socket, &byte, 1) != 1) continue;
      const std::lock_guard lock(mutex_);
      ++requests_;
      come_.notify_all();
    }
  }

  const int listener_;
  int port_ = 0;
  std::vector<int> taken_;  // of the thread until it has ended
  std::mutex mutex_;
  std::condition_variable come_;
  size_t requests_ = 0, awaited_ = 0;
  std::thread thread_;
};

}  // namespace freshet::fhir
