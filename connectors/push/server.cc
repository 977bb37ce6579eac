#include "connectors/push/server.h"

#include <httplib.h>

#include <thread>

#include "connectors/push/decoder.h"
#include "connectors/push/end_reading.h"
#include "connectors/push/held_body.h"
#include "connectors/push/problem.h"
#include "connectors/push/senders.h"
#include "connectors/source/recent.h"

namespace freshet::push {
namespace {

constexpr size_t kRemembered = 65536;
constexpr size_t kEventBytes = 512;  // of an event besides its content, about

Headers HeadersOf(const httplib::Request& request) {
  Headers headers;
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    headers.emplace(std::move(lower), value);
  }
  return headers;
}

// A request's events that are not known yet.
struct News {
  std::vector<ChangeEvent> changes;
  std::vector<Hash128> names;
};

}  // namespace

struct PushServer::State {
  State(const PushOptions& given, PushParts lent)
      : options(given), parts(std::move(lent)), senders(options.tokens), recent(kRemembered) {}

  const PushOptions options;
  const PushParts parts;
  const Senders senders;
  Recent recent;  // events that are durable
  std::atomic<size_t> held = 0;
  std::unique_ptr<httplib::Server> http;
  int port = 0;  // while it listens
  std::thread thread;

  void Refuse(const Status& status, httplib::Response& response, int code = 0) const {
    WriteProblem(status, {.http = code, .retry_after = options.retry_after}, response);
  }

  // What is refused unread is let go by, to a limit, so that the sender gets its answer.
  void Drain(const httplib::ContentReader& reader) const {
    (void)reader([left = kDrained * options.max_body.bytes](const char*, size_t size) mutable {
      left -= std::min(left, size);
      return left > 0;
    });
  }

  void Answer(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
    if (!senders.Know(request.get_header_value("Authorization"))) {
      Drain(reader);
      return Refuse(Status(Code::kUnauthenticated, "No sender is known by this token"), response);
    }
    HeldBody body(held, {.body = options.max_body.bytes, .all = options.queue_bytes.bytes});
    const Status read = body.Read(reader);
    const Result<size_t> accepted = read.ok() ? Accept(HeadersOf(request), body.text()) : Result<size_t>(read);
    if (!accepted.ok()) return Refuse(accepted.status(), response);
    response.status = 202;
    response.set_content("{\"accepted\":" + std::to_string(*accepted) + "}", "application/json");
  }

  Result<size_t> Accept(const Headers& headers, const std::string& body) {
    FRESHET_ASSIGN_OR_RETURN(const std::vector<CloudEvent> events, ReadCloudEvents(headers, body));
    FRESHET_ASSIGN_OR_RETURN(News news, Sort(events));
    const size_t count = news.changes.size();
    if (count == 0) return size_t{0};
    FRESHET_RETURN_IF_ERROR(parts.deliver(std::move(news.changes), body.size() + kEventBytes * count));
    for (const Hash128& name : news.names) recent.Add(name);
    return count;
  }

  // All or none: one that cannot be taken refuses the request.
  Result<News> Sort(const std::vector<CloudEvent>& events) const {
    const Time latest = parts.clock->Now() + options.max_ahead;
    News news;
    std::set<Hash128> here;
    for (size_t i = 0; i < events.size(); ++i) {
      Result<ChangeEvent> change = DecodeEvent(events[i]);
      if (change.ok() && events[i].time > latest) change = Status(Code::kInvalidArgument, "time lies in the future");
      if (!change.ok()) return Status(change.code(), "event " + std::to_string(i) + ": " + change.status().message());
      const Hash128 name = HashOf(events[i].source + '\0' + events[i].id);
      if (recent.Contains(name) || !here.insert(name).second) continue;
      news.changes.push_back(std::move(*change));
      news.names.push_back(name);
    }
    return news;
  }

  void AddRoutes() {
    http->Post(options.path, [this](const httplib::Request& request, httplib::Response& response,
                                    const httplib::ContentReader& reader) { Answer(request, response, reader); });
    const Status refused(Code::kInvalidArgument, "Only POST: a change is sent whole, as the document is now");
    const auto refuse = [this, refused](const httplib::Request&, httplib::Response& response) {
      Refuse(refused, response, 405);
    };
    const auto refuse_body = [this, refused](const httplib::Request&, httplib::Response& response,
                                             const httplib::ContentReader& reader) {
      Drain(reader);
      Refuse(refused, response, 405);
    };
    http->Patch(options.path, refuse_body);
    http->Put(options.path, refuse_body);
    http->Delete(options.path, refuse);
    http->Get(options.path, refuse);
    http->Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("{\"status\":\"alive\"}", "application/json");
    });
  }

  void AddHandlers() {
    http->set_error_handler([this](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return;
      const Code code = response.status == 413   ? Code::kDocumentTooLarge
                        : response.status == 404 ? Code::kNotFound
                                                 : Code::kInvalidArgument;
      Refuse(Status(code, "No such resource, or a request that HTTP does not allow"), response, response.status);
    });
    http->set_exception_handler([this](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      Refuse(Status(Code::kInternalError, "The request met a defect"), response);
    });
  }

  void SetLimits() {
    http->set_tcp_nodelay(true);
    http->set_payload_max_length(kDrained * options.max_body.bytes);
    http->set_keep_alive_max_count(1'000'000);
    http->set_keep_alive_timeout(5);
    http->set_read_timeout(std::chrono::seconds(30));
    http->set_socket_options([](socket_t socket) {
      const int on = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    http->new_task_queue = [count = options.connections] { return new httplib::ThreadPool(count); };
  }

  Status MakeServer() {
    if (options.tls().empty()) {
      http = std::make_unique<httplib::Server>();
    } else {
      Status set_up;
      http = std::make_unique<httplib::SSLServer>([&](SSL_CTX& context) {
        set_up = SetUpTls(options.tls(), context);
        return set_up.ok();
      });
      FRESHET_RETURN_IF_ERROR(set_up);
    }
    SetLimits();
    AddRoutes();
    AddHandlers();
    return OkStatus();
  }
};

PushServer::PushServer(const PushOptions& options, PushParts parts)
    : state_(std::make_unique<State>(options, std::move(parts))) {}

PushServer::~PushServer() { Stop(); }

Result<int> PushServer::Start() {
  if (state_->senders.empty()) return Status(Code::kConfiguration, "tokens: there is none");
  FRESHET_RETURN_IF_ERROR(state_->MakeServer());
  const HostPort& address = state_->options.listen;
  int port = address.port;
  if (port == 0) {
    port = state_->http->bind_to_any_port(address.host);
  } else if (!state_->http->bind_to_port(address.host, port)) {
    port = -1;
  }
  if (port < 0) return Status(Code::kUnavailable, "listen: the address is taken, or not this machine's");
  state_->thread = std::thread([this] { state_->http->listen_after_bind(); });
  while (!state_->http->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return state_->port = port;
}

void PushServer::Stop() {
  if (state_->http != nullptr) state_->http->stop();
  if (state_->port > 0) EndReading(std::exchange(state_->port, 0));
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace freshet::push
