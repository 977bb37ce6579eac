#include "services/freshet/status_server.h"

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "services/query/listen.h"

namespace freshet {
namespace {

constexpr const char* kJson = "application/json";
constexpr size_t kThreads = 4;

}  // namespace

struct StatusServer::State {
  HostPort listen;
  Parts parts;
  httplib::Server http;
  std::thread thread;

  void AddRoutes() {
    http.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(parts.metrics->Expose(), kMetricsContentType);
    });
    http.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("{\"status\":\"alive\"}", kJson);
    });
    http.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
      const std::vector<std::string> reasons = parts.unready();
      const nlohmann::json body = {{"status", reasons.empty() ? "ready" : "not ready"}, {"reasons", reasons}};
      response.status = reasons.empty() ? 200 : 503;
      response.set_content(body.dump(), kJson);
    });
  }
};

StatusServer::StatusServer(HostPort listen, Parts parts) : state_(std::make_unique<State>()) {
  state_->listen = std::move(listen);
  state_->parts = std::move(parts);
  state_->http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // The library's own options let a second process take the same port and half of its requests.
  state_->http.set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  state_->AddRoutes();
}

StatusServer::~StatusServer() { Stop(); }

Result<std::string> StatusServer::Start() {
  const std::string& host = state_->listen.host;
  int port = state_->listen.port;
  if (port == 0) {
    port = state_->http.bind_to_any_port(host);
  } else if (!state_->http.bind_to_port(host, port)) {
    port = -1;
  }
  if (port < 0) return Status(Code::kConfiguration, "--listen: the address is taken or not this machine's");
  FRESHET_RETURN_IF_ERROR(query::ServeOnThread(state_->http, state_->thread));
  return "http://" + host + ":" + std::to_string(port);
}

void StatusServer::Stop() {
  state_->http.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace freshet
