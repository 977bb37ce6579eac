#include "connectors/fhir/webhook.h"

#include <httplib.h>
#include <openssl/crypto.h>

#include <thread>

#include "common/base/bytes.h"

namespace freshet::fhir {
namespace {

constexpr size_t kMostBody = 16u << 20;
constexpr size_t kThreads = 4;

// In constant time.
bool IsToken(const std::string& header, const std::string& token) {
  const Hash128 given = HashOf(header), wanted = HashOf("Bearer " + token);
  return CRYPTO_memcmp(given.data(), wanted.data(), given.size()) == 0;
}

}  // namespace

struct Webhook::State {
  State(const FhirOptions& given, std::function<void()> call) : options(given), wake(std::move(call)) {}

  const FhirOptions& options;
  const std::function<void()> wake;
  httplib::Server http;
  std::thread thread;

  void Answer(const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader& reader) const {
    size_t left = kMostBody;
    (void)reader([&](const char*, size_t size) {
      left -= std::min(left, size);
      return left > 0;
    });
    const bool known = IsToken(request.get_header_value("Authorization"), options.listen_token);
    response.status = known ? 200 : 401;
    if (known) wake();
  }

  void SetUp() {
    const auto answer = [this](const httplib::Request& request, httplib::Response& response,
                               const httplib::ContentReader& reader) { Answer(request, response, reader); };
    http.Post("/.*", answer);
    http.Put("/.*", answer);
    http.set_payload_max_length(kMostBody);
    // An address that was used a moment ago may be used again.
    http.set_socket_options([](socket_t socket) {
      const int on = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    http.set_keep_alive_timeout(1);
    http.set_read_timeout(std::chrono::seconds(10));
    http.set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr) { response.status = 500; });
    http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  }
};

Webhook::Webhook(const FhirOptions& options, std::function<void()> wake)
    : state_(std::make_unique<State>(options, std::move(wake))) {
  state_->SetUp();
}

Webhook::~Webhook() {
  state_->http.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

Result<int> Webhook::Start() {
  const HostPort& address = *state_->options.listen;
  int port = address.port;
  if (port == 0) {
    port = state_->http.bind_to_any_port(address.host);
  } else if (!state_->http.bind_to_port(address.host, port)) {
    port = -1;
  }
  if (port < 0) return Status(Code::kUnavailable, "listen: the address is taken, or not this machine's");
  state_->thread = std::thread([this] { state_->http.listen_after_bind(); });
  while (!state_->http.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return port;
}

}  // namespace freshet::fhir
