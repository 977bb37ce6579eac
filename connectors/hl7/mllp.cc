#include "connectors/hl7/mllp.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/telemetry/log.h"

namespace freshet::hl7 {
namespace {

constexpr std::chrono::milliseconds kLook{50};  // how long the end may go unnoticed
constexpr size_t kReadBytes = 64u << 10;

// A listening socket; -1 where there is none.
int ListenOn(const HostPort& address) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) return -1;
  int listener = -1;
  for (const addrinfo* one = found; one != nullptr && listener < 0; one = one->ai_next) {
    listener = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, one->ai_addr, one->ai_addrlen) == 0 && listen(listener, 128) == 0) break;
    close(std::exchange(listener, -1));
  }
  freeaddrinfo(found);
  return listener;
}

int PortOf(int descriptor) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size);
  const bool six = name.ss_family == AF_INET6;
  return ntohs(six ? reinterpret_cast<sockaddr_in6*>(&name)->sin6_port
                   : reinterpret_cast<sockaddr_in*>(&name)->sin_port);
}

// OpenSSL writes to sockets without asking for no signal.
void IgnoreBrokenPipes() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

MllpServer::MllpServer(const Hl7Options& options, Handler handler) : options_(options), handler_(std::move(handler)) {}

MllpServer::~MllpServer() { Stop(); }

Status MllpServer::SetUp() {
  if (options_.tls().empty()) return OkStatus();
  tls_.reset(SSL_CTX_new(TLS_server_method()));
  if (tls_ == nullptr) return Status(Code::kConfiguration, "tls: is not to be had");
  SSL_CTX_set_mode(tls_.get(), SSL_MODE_AUTO_RETRY);
  return SetUpTls(options_.tls(), *tls_);
}

Result<int> MllpServer::Start() {
  FRESHET_RETURN_IF_ERROR(SetUp());
  listener_ = ListenOn(options_.listen);
  if (listener_ < 0) return Status(Code::kUnavailable, "listen: the address is taken, or not this machine's");
  stop_ = false;
  acceptor_ = std::thread([this] { Accept(); });
  return PortOf(listener_);
}

void MllpServer::Stop() {
  stop_ = true;
  if (acceptor_.joinable()) acceptor_.join();
  Reap(true);
  if (listener_ >= 0) close(std::exchange(listener_, -1));
}

void MllpServer::Reap(bool all) {
  for (auto at = connections_.begin(); at != connections_.end();) {
    Connection& connection = **at;
    if (all) connection.stream.Interrupt();
    if (!all && !connection.over) {
      ++at;
      continue;
    }
    connection.thread.join();
    at = connections_.erase(at);
  }
}

void MllpServer::Accept() {
  while (!stop_) {
    pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(kLook.count())) <= 0) {
      Reap(false);
      continue;
    }
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor >= 0) {
      TakeIn(descriptor);
    } else {
      std::this_thread::sleep_for(kLook);  // no descriptor is free: it must not spin
    }
  }
}

void MllpServer::TakeIn(int descriptor) {
  Reap(false);
  if (connections_.size() >= options_.connections) {
    Log(LogLevel::kWarning, "Sender turned away.", {{"connections", connections_.size()}});
    close(descriptor);
    return;
  }
  connections_.push_back(std::make_unique<Connection>(descriptor, tls_.get()));
  Connection& connection = *connections_.back();
  connection.thread = std::thread([this, &connection] {
    IgnoreBrokenPipes();
    Serve(connection);
    connection.over = true;
  });
}

void MllpServer::Serve(Connection& connection) {
  using SteadyClock = std::chrono::steady_clock;
  ByteStream& stream = connection.stream;
  if (!stream.Handshake()) {
    Log(LogLevel::kWarning, "TLS handshake with a sender failed.", {});
    return;
  }
  FrameReader reader(options_.max_message.bytes);
  std::string bytes(kReadBytes, '\0');
  auto last = SteadyClock::now();
  while (!stop_) {
    if (SteadyClock::now() - last > (reader.busy() ? Duration(kPatience) : options_.idle_timeout)) return;
    if (!stream.Wait(kLook)) continue;
    const size_t count = stream.Read(bytes);
    if (count == 0) return;
    reader.Add(std::string_view(bytes).substr(0, count));
    if (!Answer(stream, reader)) return;
    last = SteadyClock::now();
  }
}

bool MllpServer::Answer(ByteStream& stream, FrameReader& reader) {
  while (!stop_) {
    const std::optional<std::string> message = reader.Next();
    if (!message) return true;
    const Reply reply = handler_(*message);
    if (reply.text.empty() || (reply.unasked_for && !stream.HasRoom())) continue;
    if (!stream.Write(Framed(reply.text))) return false;
  }
  return false;
}

}  // namespace freshet::hl7
