#include "services/query/server.h"

#include <httplib.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/telemetry/trace.h"
#include "services/query/lineage.h"
#include "services/query/openapi.h"
#include "services/query/problem.h"

namespace freshet::query {
namespace {

constexpr size_t kMaxBodyBytes = 1 << 20;
constexpr const char* kJson = "application/json";

// What one request is answered with, before HTTP.
struct Answer {
  std::string json;
  std::vector<std::string> documents;  // ids shown, for the audit
};

struct Call {
  const httplib::Request& request;
  Caller caller;
  std::string trace_id;
};

TraceContext TraceOf(const httplib::Request& request) {
  return TraceContext::Parse(request.get_header_value("traceparent")).value_or(TraceContext::New());
}

Result<std::pair<std::string, int>> SplitListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  Status wrong(Code::kConfiguration, "query.listen must be host:port");
  if (colon == listen.npos || colon == 0) return wrong;
  int port = 0;
  const auto [end, error] = std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  if (error != std::errc() || end != listen.data() + listen.size() || port < 0 || port > 65535) return wrong;
  return std::pair(listen.substr(0, colon), port);
}

}  // namespace

struct Server::State {
  ServerOptions options;
  ServerParts parts;
  httplib::Server http;
  std::thread thread;

  using Handler = std::function<Result<Answer>(const Call&)>;

  void Problem(httplib::Response& response, const Status& status, const std::string& trace_id) {
    response.status = HttpStatusOf(status.code());
    response.set_content(ProblemJson(status, trace_id), kProblemContentType);
    if (status.code() == Code::kUnauthenticated) response.set_header("WWW-Authenticate", "Bearer");
  }

  Result<Caller> CallerOf(const httplib::Request& request) const {
    const std::string header = request.get_header_value("Authorization");
    constexpr std::string_view kScheme = "Bearer ";
    if (!header.starts_with(kScheme)) return Status(Code::kUnauthenticated, "the request carries no bearer token");
    return parts.callers->Authenticate(std::string_view(header).substr(kScheme.size()));
  }

  // A route that needs a caller: authenticate, work, audit, answer.
  httplib::Server::Handler Guarded(std::string action, Handler handler) {
    return [this, action = std::move(action), handler = std::move(handler)](const httplib::Request& request,
                                                                            httplib::Response& response) {
      const TraceContext trace = TraceOf(request);
      const std::string trace_id = trace.trace_id();
      response.set_header("traceparent", trace.Child().ToString());
      const auto begin = std::chrono::steady_clock::now();
      const Result<Caller> caller = CallerOf(request);
      Result<Answer> answer = caller.ok() ? handler(Call{request, *caller, trace_id}) : Result<Answer>(caller.status());
      AuditEntry entry{.at = parts.engine->clock().Now(),
                       .user = caller.ok() ? caller->user : "",
                       .action = action,
                       .outcome = std::string(NameOf(answer.code())),
                       .trace_id = trace_id};
      if (answer.ok()) entry.documents = answer->documents;
      const Status audited = parts.audit->Append(entry);
      if (!audited.ok()) answer = audited;
      CountRequest(action, answer.code(), std::chrono::steady_clock::now() - begin);
      if (!answer.ok()) return Problem(response, answer.status(), trace_id);
      response.set_content(std::move(answer->json), kJson);
    };
  }

  void CountRequest(const std::string& action, Code code, std::chrono::steady_clock::duration took) {
    parts.metrics->CounterOf<Metric::kQueries>(action, NameOf(code)).Add(1);
    parts.metrics->HistogramOf<Metric::kQuerySeconds>(action, "total")
        .Record(std::chrono::duration_cast<Duration>(took));
  }

  Result<Answer> Search(const Call& call) {
    FRESHET_ASSIGN_OR_RETURN(const SearchRequest request, ParseSearchRequest(call.request.body));
    FRESHET_ASSIGN_OR_RETURN(const SearchResponse response, parts.engine->Search(call.caller, request, call.trace_id));
    Answer answer{.json = ToJson(response)};
    for (const SearchHit& hit : response.hits) answer.documents.push_back(hit.document.value);
    return answer;
  }

  Result<Answer> Lineage(const Call& call) {
    const DocumentId document(std::string(call.request.matches[1]));
    const CollectionName collection(call.request.get_param_value("collection"));
    if (collection.empty()) return Status(Code::kInvalidArgument, "the parameter \"collection\" is missing");
    FRESHET_ASSIGN_OR_RETURN(std::string json, LineageJson(*parts.engine, call.caller, collection, document));
    return Answer{.json = std::move(json), .documents = {document.value}};
  }

  Result<Answer> Confirm(const Call& call) {
    const auto& groups = call.caller.groups;
    if (std::find(groups.begin(), groups.end(), kOperatorGroup) == groups.end()) {
      return Status(Code::kPermissionDenied, "only operators confirm deletes");
    }
    if (!parts.confirm_deletes) return Status(Code::kUnavailable, "this process publishes no changes");
    FRESHET_RETURN_IF_ERROR(parts.confirm_deletes(SourceName(std::string(call.request.matches[1]))));
    return Answer{.json = "{\"confirmed\":true}"};
  }

  void AddGuardedRoutes() {
    http.Post("/v1/search", Guarded("search", [this](const Call& call) { return Search(call); }));
    http.Get("/v1/freshness", Guarded("freshness", [this](const Call&) -> Result<Answer> {
               return Answer{.json = ToJson(ReportFreshness(parts.freshness))};
             }));
    http.Get(R"(/v1/documents/(.+)/lineage)", Guarded("lineage", [this](const Call& call) { return Lineage(call); }));
    http.Post(R"(/v1/sources/([^/]+)/confirm)", Guarded("confirm", [this](const Call& call) { return Confirm(call); }));
  }

  void AddOpenRoutes() {
    http.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(parts.metrics->Expose(), kMetricsContentType);
    });
    http.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("{\"status\":\"alive\"}", kJson);
    });
    http.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
      const std::vector<std::string> reasons = parts.unready ? parts.unready() : std::vector<std::string>{};
      response.status = reasons.empty() ? 200 : 503;
      response.set_content(
          nlohmann::json({{"status", reasons.empty() ? "ready" : "not ready"}, {"reasons", reasons}}).dump(), kJson);
    });
    http.Get("/openapi.json", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(std::string(kOpenApi), kJson);
    });
  }

  void AddFallbacks() {
    http.set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (!response.body.empty()) return;
      const Code code = response.status == 413   ? Code::kDocumentTooLarge
                        : response.status == 404 ? Code::kNotFound
                                                 : Code::kInvalidArgument;
      const int status = response.status;
      Problem(response, Status(code, "no such resource, or a request that HTTP does not allow"),
              TraceOf(request).trace_id());
      response.status = status;
    });
    http.set_exception_handler(
        [this](const httplib::Request& request, httplib::Response& response, std::exception_ptr) {
          Problem(response, Status(Code::kInternalError, "the request met a defect"), TraceOf(request).trace_id());
        });
  }
};

Server::Server(ServerOptions options, ServerParts parts) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->parts = std::move(parts);
  state_->http.set_payload_max_length(kMaxBodyBytes);
  state_->http.set_tcp_nodelay(true);
  state_->http.set_keep_alive_max_count(1'000'000);
  state_->http.set_keep_alive_timeout(2);
  // The library's own options let a second process take the same port and half of its requests.
  state_->http.set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  const size_t threads = state_->options.threads;
  state_->http.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  state_->AddGuardedRoutes();
  state_->AddOpenRoutes();
  state_->AddFallbacks();
}

Server::~Server() { Stop(); }

Result<std::string> Server::Start() {
  FRESHET_ASSIGN_OR_RETURN(auto address, SplitListen(state_->options.listen));
  auto& [host, port] = address;
  if (port == 0)
    port = state_->http.bind_to_any_port(host.c_str());
  else if (!state_->http.bind_to_port(host.c_str(), port))
    port = -1;
  if (port < 0) return Status(Code::kConfiguration, "query.listen: the address is taken or not this machine's");
  state_->thread = std::thread([this] { state_->http.listen_after_bind(); });
  while (!state_->http.is_running()) std::this_thread::yield();
  return "http://" + host + ":" + std::to_string(port);
}

void Server::Stop() {
  state_->http.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace freshet::query
