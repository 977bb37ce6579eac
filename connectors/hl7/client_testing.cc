#include "connectors/hl7/client_testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/hl7/frames.h"

namespace freshet::hl7 {

TestSender::TestSender(int port, const TlsFiles& files) {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that the server has closed
  context_ = SSL_CTX_new(TLS_client_method());
  if (!files.certificate.empty()) {
    SSL_CTX_use_certificate_chain_file(context_, files.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context_, files.key.c_str(), SSL_FILETYPE_PEM);
  }
  Connect(port);
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, descriptor_);
  open_ = open_ && SSL_connect(ssl_) == 1;
}

TestSender::~TestSender() {
  if (ssl_ != nullptr) SSL_free(ssl_);
  if (context_ != nullptr) SSL_CTX_free(context_);
  close(descriptor_);
}

void TestSender::Connect(int port) {
  descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{.tv_sec = 30, .tv_usec = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(port));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  open_ = connect(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
}

bool TestSender::Send(const std::string& frame) {
  const auto size = static_cast<ssize_t>(frame.size());
  if (ssl_ != nullptr) return SSL_write(ssl_, frame.data(), static_cast<int>(size)) == size;
  return send(descriptor_, frame.data(), frame.size(), MSG_NOSIGNAL) == size;
}

size_t TestSender::Receive(char* bytes, size_t size) {
  const ssize_t count =
      ssl_ != nullptr ? SSL_read(ssl_, bytes, static_cast<int>(size)) : recv(descriptor_, bytes, size, 0);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

std::string TestSender::Exchange(const std::string& message) {
  open_ = open_ && Send(Framed(message));
  std::string answer;
  char buffer[4096];
  while (open_ && answer.find(kFrameEnd) == std::string::npos) {
    const size_t count = Receive(buffer, sizeof buffer);
    open_ = count > 0;
    answer.append(buffer, count);
  }
  return open_ ? answer : "";
}

}  // namespace freshet::hl7
