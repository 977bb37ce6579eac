#include "services/query/server.h"

#include <httplib.h>

#include <charconv>
#include <thread>

#include "common/telemetry/trace.h"
#include "services/query/endpoints.h"
#include "services/query/listen.h"
#include "services/query/nesting.h"
#include "services/query/pages.h"
#include "services/query/problem.h"

namespace freshet::query {
namespace {

constexpr size_t kMaxBodyBytes = 1 << 20;
constexpr const char* kJson = "application/json";
constexpr std::string_view kScheme = "bearer ";

TraceContext TraceOf(const httplib::Request& request) {
  return TraceContext::Parse(request.get_header_value("traceparent")).value_or(TraceContext::New());
}

// "host:port" or "[::1]:port".
Result<std::pair<std::string, int>> SplitListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const Status wrong(Code::kConfiguration, "query.listen must be host:port");
  if (colon == listen.npos || colon == 0) return wrong;
  int port = 0;
  const auto [end, error] = std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  if (error != std::errc() || end != listen.data() + listen.size() || port < 0 || port > 65535) return wrong;
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::pair(std::move(host), port);
}

// The library's pattern for a path of the table: a document's id may have slashes, a source's name has none.
std::string PatternOf(std::string_view path) {
  const size_t open = path.find('{');
  if (open == path.npos) return std::string(path);
  const size_t close = path.find('}', open);
  const bool id = path.substr(open, close - open) == "{id";
  return std::string(path.substr(0, open)) + (id ? "(.+)" : "([^/]+)") + std::string(path.substr(close + 1));
}

// RFC 9110, 11.1: the scheme is case-insensitive.
std::optional<std::string_view> TokenOf(std::string_view header) {
  const bool bearer = header.size() > kScheme.size() &&
                      std::equal(kScheme.begin(), kScheme.end(), header.begin(), [](char scheme, char c) {
                        return scheme == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
                      });
  if (!bearer) return std::nullopt;
  return header.substr(kScheme.size());
}

}  // namespace

struct Server::State {
  State(ServerOptions given, ServerParts lent) : options(std::move(given)), parts(std::move(lent)), endpoints(parts) {}

  const ServerOptions options;
  const ServerParts parts;
  const Endpoints endpoints;
  httplib::Server http;
  std::thread thread;

  static void Problem(httplib::Response& response, const Status& status, const std::string& trace_id,
                      std::optional<int> http_status = {}) {
    response.status = http_status.value_or(HttpStatusOf(status.code()));
    response.set_content(ProblemJson(status, trace_id, http_status), kProblemContentType);
    if (status.code() == Code::kUnauthenticated) response.set_header("WWW-Authenticate", "Bearer");
  }

  Result<Caller> CallerOf(const httplib::Request& request) const {
    const std::string header = request.get_header_value("Authorization");
    const std::optional<std::string_view> token = TokenOf(header);
    if (!token) return Status(Code::kUnauthenticated, "the request carries no bearer token");
    return parts.callers->Authenticate(*token);
  }

  // The library bounds neither chunked nor compressed bodies, and would hold them before anybody is known: so they are
  // read here, up to the limit, and kept of known callers only.
  static Result<std::string> BodyOf(const httplib::ContentReader* reader, bool keep) {
    std::string body;
    size_t bytes = 0;
    const auto take = [&](const char* data, size_t size) {
      bytes += size;
      if (bytes > kMaxBodyBytes) return false;
      if (keep) body.append(data, size);
      return true;
    };
    if (reader != nullptr && !(*reader)(take)) {
      return Status(Code::kDocumentTooLarge, "the body is larger than 1 MiB, or broke off");
    }
    if (NestsDeeperThan(body, kMostNesting)) return Status(Code::kInvalidArgument, "the body nests too deep");
    return body;
  }

  // This request within the caller's trace, or at the begin of one of its own.
  Span SpanFor(const Route& route, const httplib::Request& request) const {
    Span span{.name = std::string(route.method) + " " + std::string(route.path), .kind = SpanKind::kServer};
    if (const auto caller = TraceContext::Parse(request.get_header_value("traceparent"))) {
      span.context = caller->Child();
      span.parent = caller->span;
    } else {
      span.context = TraceContext::New().SampledAt(parts.trace_sample);
    }
    span.begin = parts.engine->clock().Now();
    return span;
  }

  // Nobody whom we do not know fills the collector.
  void Tell(Span span, const Route& route, const Result<query::Answer>& answer) const {
    if (parts.spans == nullptr || !span.context.sampled() || answer.code() == Code::kUnauthenticated) return;
    span.end = parts.engine->clock().Now();
    const int status = answer.ok() ? 200 : HttpStatusOf(answer.code());
    if (status >= 500) span.code = answer.code();
    span.attributes = {{"http_method", Coordinate(route.method)},
                       {"http_route", Coordinate(route.path)},
                       {"http_status", status},
                       {"code", answer.code()}};
    if (answer.ok()) {
      span.attributes.push_back({"documents", answer->documents.size()});
      span.links = answer->changes;
    }
    parts.spans->Add(std::move(span));
  }

  // A route that needs a caller: authenticate, work, audit, answer.
  void Answer(const Route& route, const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader* reader) const {
    Span span = SpanFor(route, request);
    const std::string trace_id = span.context.trace_id();
    response.set_header("traceparent", span.context.ToString());
    const auto begin = std::chrono::steady_clock::now();
    const Result<Caller> caller = CallerOf(request);
    const Result<std::string> body = BodyOf(reader, caller.ok());
    Result<query::Answer> answer = !caller.ok() ? Result<query::Answer>(caller.status())
                                   : !body.ok() ? Result<query::Answer>(body.status())
                                                : Work(route, *caller, trace_id, {request, *body});
    const Status audited = Audit(route, caller, trace_id, answer);
    if (!audited.ok()) answer = audited;
    CountRequest(route.action, answer.code(), std::chrono::steady_clock::now() - begin);
    Tell(std::move(span), route, answer);
    if (!answer.ok()) return Problem(response, answer.status(), trace_id);
    response.set_content(std::move(answer->json), kJson);
  }

  struct Asked {
    const httplib::Request& request;
    const std::string& body;
  };
  Result<query::Answer> Work(const Route& route, const Caller& caller, const std::string& trace_id,
                             const Asked& asked) const {
    Call call{.caller = caller, .trace_id = trace_id, .body = asked.body};
    if (asked.request.matches.size() > 1) call.subject = asked.request.matches[1];
    call.collection = asked.request.get_param_value("collection");
    call.action = route.action;
    call.parameters.insert(asked.request.params.begin(), asked.request.params.end());
    return (endpoints.*route.work)(call);
  }

  Status Audit(const Route& route, const Result<Caller>& caller, const std::string& trace_id,
               const Result<query::Answer>& answer) const {
    AuditEntry entry{.at = parts.engine->clock().Now(),
                     .user = caller.ok() ? caller->user : "",
                     .action = std::string(route.action),
                     .outcome = std::string(NameOf(answer.code())),
                     .trace_id = trace_id};
    if (answer.ok()) {
      entry.documents = answer->documents;
      entry.subject = answer->subject;
    }
    return parts.audit->Append(entry);
  }

  void CountRequest(std::string_view action, Code code, std::chrono::steady_clock::duration took) const {
    parts.metrics->CounterOf<Metric::kQueries>(action, NameOf(code)).Add(1);
    parts.metrics->HistogramOf<Metric::kQuerySeconds>(action, "total")
        .Record(std::chrono::duration_cast<Duration>(took));
  }

  // What needs no caller.
  void AnswerOpenly(const Route& route, httplib::Response& response) const {
    if (route.action == "metrics") {
      response.set_content(parts.metrics->Expose(), kMetricsContentType);
    } else if (route.action == "health") {
      response.set_content("{\"status\":\"alive\"}", kJson);
    } else {
      const std::vector<std::string> reasons = parts.unready ? parts.unready() : std::vector<std::string>{};
      response.status = reasons.empty() ? 200 : 503;
      response.set_content(Endpoints::ReadinessJson(reasons), kJson);
    }
  }

  void AddRoutes() {
    for (const Route& route : kRoutes) {
      const std::string pattern = PatternOf(route.path);
      if (route.method == "POST") {
        http.Post(pattern,
                  [this, &route](const httplib::Request& request, httplib::Response& response,
                                 const httplib::ContentReader& reader) { Answer(route, request, response, &reader); });
        continue;
      }
      http.Get(pattern, [this, &route](const httplib::Request& request, httplib::Response& response) {
        route.work == nullptr ? AnswerOpenly(route, response) : Answer(route, request, response, nullptr);
      });
    }
  }

  static void ShowPage(const PageFile* file, const httplib::Request& request, httplib::Response& response) {
    if (file == nullptr) {
      return Problem(response, Status(Code::kNotFound, "there is no such page"), TraceOf(request).trace_id());
    }
    response.set_header("Content-Security-Policy", kPagePolicy);
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_header("Referrer-Policy", "no-referrer");
    response.set_header("Cache-Control", "no-cache");
    response.set_content(file->bytes.data(), file->bytes.size(), std::string(file->type));
  }

  void AddPages() {
    http.Get("/freshness", [](const httplib::Request& request, httplib::Response& response) {
      ShowPage(FindPage("freshness.html"), request, response);
    });
    http.Get("/pages/([^/]*)", [](const httplib::Request& request, httplib::Response& response) {
      ShowPage(FindPage(request.matches[1].str()), request, response);
    });
  }

  void AddFallbacks() {
    http.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
      if (!response.body.empty()) return;
      const Code code = response.status == 413   ? Code::kDocumentTooLarge
                        : response.status == 404 ? Code::kNotFound
                                                 : Code::kInvalidArgument;
      Problem(response, Status(code, "no such resource, or a request that HTTP does not allow"),
              TraceOf(request).trace_id(), response.status);
    });
    http.set_exception_handler([](const httplib::Request& request, httplib::Response& response, std::exception_ptr) {
      Problem(response, Status(Code::kInternalError, "the request met a defect"), TraceOf(request).trace_id());
    });
  }

  void SetLimits() {
    http.set_payload_max_length(kMaxBodyBytes);
    http.set_tcp_nodelay(true);
    http.set_keep_alive_max_count(1'000'000);
    http.set_keep_alive_timeout(2);
    // The library's own options let a second process take the same port and half of its requests.
    http.set_socket_options([](socket_t socket) {
      const int on = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    http.new_task_queue = [threads = options.threads] { return new httplib::ThreadPool(threads); };
  }
};

Server::Server(ServerOptions options, ServerParts parts)
    : state_(std::make_unique<State>(std::move(options), std::move(parts))) {
  state_->SetLimits();
  state_->AddRoutes();
  state_->AddPages();
  state_->AddFallbacks();
}

Server::~Server() { Stop(); }

Result<std::string> Server::Start() {
  FRESHET_ASSIGN_OR_RETURN(auto address, SplitListen(state_->options.listen));
  auto& [host, port] = address;
  if (port == 0) {
    port = state_->http.bind_to_any_port(host.c_str());
  } else if (!state_->http.bind_to_port(host.c_str(), port)) {
    port = -1;
  }
  if (port < 0) return Status(Code::kConfiguration, "query.listen: the address is taken or not this machine's");
  FRESHET_RETURN_IF_ERROR(ServeOnThread(state_->http, state_->thread));
  const bool six = host.find(':') != host.npos;
  return "http://" + (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void Server::Stop() {
  state_->http.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace freshet::query
