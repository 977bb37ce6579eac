#include "connectors/fhir/breaker.h"

#include <fcntl.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

namespace freshet::fhir {

Breaker::~Breaker() {
  for (const auto& [client, socket] : sockets_) close(socket);
}

void Breaker::Watch(httplib::Client& client) {
  client.set_socket_options([this, from = &client](socket_t socket) { Take(from, socket); });
}

void Breaker::Forget(const httplib::Client& client) {
  const std::lock_guard lock(mutex_);
  const auto found = sockets_.find(&client);
  if (found == sockets_.end()) return;
  close(found->second);
  sockets_.erase(found);
}

void Breaker::Break() {
  const std::lock_guard lock(mutex_);
  broken_ = true;
  for (const auto& [client, socket] : sockets_) shutdown(socket, SHUT_RDWR);
}

void Breaker::Mend() {
  const std::lock_guard lock(mutex_);
  broken_ = false;
}

bool Breaker::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

// Before it connects. Where that is not to be any more, a socket stands in its place that cannot.
void Breaker::Take(const httplib::Client* client, int socket) {
  const std::lock_guard lock(mutex_);
  if (broken_) {
    const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (dead < 0) return;
    dup3(dead, socket, O_CLOEXEC);
    close(dead);
    return;
  }
  const int copy = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return;
  const auto [kept, is_new] = sockets_.try_emplace(client, copy);
  if (!is_new) close(std::exchange(kept->second, copy));
}

}  // namespace freshet::fhir
