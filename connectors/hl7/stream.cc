#include "connectors/hl7/stream.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace freshet::hl7 {
namespace {

constexpr int kUnreadAnswers = 16 << 10;  // bytes

int Clamped(size_t size) { return static_cast<int>(std::min<size_t>(size, INT_MAX)); }

}  // namespace

ByteStream::ByteStream(int descriptor, SSL_CTX* tls) : descriptor_(descriptor), tls_(tls != nullptr) {
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  const timeval limit{.tv_sec = kPatience.count(), .tv_usec = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (tls_) ssl_ = SSL_new(tls);
  if (ssl_ != nullptr) SSL_set_fd(ssl_, descriptor_);
}

ByteStream::~ByteStream() {
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_)) (void)SSL_shutdown(ssl_);
  if (ssl_ != nullptr) SSL_free(ssl_);
  ERR_clear_error();
  close(descriptor_);
}

bool ByteStream::Handshake() {
  if (!tls_) return true;
  return ssl_ != nullptr && SSL_accept(ssl_) == 1;
}

bool ByteStream::Wait(std::chrono::milliseconds limit) const {
  if (ssl_ != nullptr && SSL_pending(ssl_) > 0) return true;
  pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&ready, 1, static_cast<int>(limit.count())) > 0;
}

size_t ByteStream::Read(std::span<char> into) {
  const ssize_t count = ssl_ == nullptr ? recv(descriptor_, into.data(), into.size(), 0)
                                        : SSL_read(ssl_, into.data(), Clamped(into.size()));
  return count > 0 ? static_cast<size_t>(count) : 0;
}

bool ByteStream::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ssl_ == nullptr ? send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                          : SSL_write(ssl_, bytes.data(), Clamped(bytes.size()));
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool ByteStream::HasRoom() const {
  int unsent = 0;
  return ioctl(descriptor_, SIOCOUTQ, &unsent) == 0 && unsent < kUnreadAnswers;
}

void ByteStream::Interrupt() { shutdown(descriptor_, SHUT_RD); }

}  // namespace freshet::hl7
