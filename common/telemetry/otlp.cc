#include "common/telemetry/otlp.h"

#include <httplib.h>

#include <algorithm>
#include <random>

namespace freshet {
namespace {

constexpr Duration kLongestBackoff = std::chrono::seconds(30);
constexpr const char* kJson = "application/json";

// RFC 9110, 5.5: anything else might end the header and begin another.
bool FitsIntoAHeader(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The statuses that OTLP/HTTP calls retryable.
bool IsForAnotherTime(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

struct OtlpExporter::Wire {
  explicit Wire(const std::string& host) : client(host) {}
  httplib::Client client;
  std::string path;
  std::mt19937_64 random{std::random_device{}()};
};

Result<std::unique_ptr<OtlpExporter>> OtlpExporter::Make(OtlpOptions options, MetricRegistry& metrics) {
  const Status wrong(Code::kConfiguration, "telemetry.otlp.endpoint must be http://host:port or https://host");
  const bool http = options.endpoint.starts_with("http://") || options.endpoint.starts_with("https://");
  if (!http) return wrong;
  if (!FitsIntoAHeader(options.token)) {
    return Status(Code::kConfiguration, "telemetry.otlp.token has characters that no header may hold");
  }
  const size_t host = options.endpoint.find("://") + 3;
  const size_t slash = options.endpoint.find('/', host);
  if (host == std::min(slash, options.endpoint.size())) return wrong;
  auto wire = std::make_unique<Wire>(options.endpoint.substr(0, slash));
  if (!wire->client.is_valid()) return wrong;
  wire->path = slash == std::string::npos ? "" : options.endpoint.substr(slash);
  while (wire->path.ends_with('/')) wire->path.pop_back();
  wire->path += "/v1/traces";
  wire->client.set_keep_alive(true);
  wire->client.set_connection_timeout(options.timeout);
  wire->client.set_read_timeout(options.timeout);
  wire->client.set_write_timeout(options.timeout);
  if (!options.token.empty()) wire->client.set_bearer_token_auth(options.token);
  return std::unique_ptr<OtlpExporter>(new OtlpExporter(std::move(options), metrics, std::move(wire)));
}

OtlpExporter::OtlpExporter(OtlpOptions options, MetricRegistry& metrics, std::unique_ptr<Wire> wire)
    : options_(std::move(options)),
      wire_(std::move(wire)),
      exported_(metrics.CounterOf<Metric::kSpans>("exported")),
      queue_full_(metrics.CounterOf<Metric::kSpans>("queue_full")),
      refused_(metrics.CounterOf<Metric::kSpans>("refused")),
      unreachable_(metrics.CounterOf<Metric::kSpans>("unreachable")),
      thread_([this] { Run(); }) {}

OtlpExporter::~OtlpExporter() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
    wake_.wait_for(lock, options_.drain, [this] { return done_; });
    unreachable_.Add(queue_.size());
    queue_.clear();
  }
  wire_->client.stop();  // ends a request that is under way
  thread_.join();
}

void OtlpExporter::Add(Span span) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= options_.queue_spans) return queue_full_.Add(1);
  queue_.push_back(std::move(span));
  if (queue_.size() == 1 || queue_.size() == options_.batch_spans) wake_.notify_all();
}

// Empty: it is over.
std::vector<Span> OtlpExporter::Next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  wake_.wait_for(lock, options_.batch_wait, [this] { return stopping_ || queue_.size() >= options_.batch_spans; });
  const size_t count = std::min(queue_.size(), options_.batch_spans);
  std::vector<Span> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + count));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return batch;
}

void OtlpExporter::Run() {
  for (std::vector<Span> batch = Next(); !batch.empty(); batch = Next()) Deliver(batch);
  const std::lock_guard lock(mutex_);
  done_ = true;
  wake_.notify_all();
}

void OtlpExporter::Deliver(const std::vector<Span>& batch) {
  const std::string body = OtlpTraces(batch, options_.resource);
  Duration backoff = options_.backoff;
  for (unsigned attempt = 1;; ++attempt) {
    Duration wait = std::exchange(backoff, std::min(backoff * 2, kLongestBackoff));
    wait = Duration(std::uniform_int_distribution<int64_t>(wait.count() / 2, wait.count())(wire_->random));
    if (Send(body, batch.size(), wait) != Sent::kAgain) return;
    if (attempt >= options_.attempts || !Rest(std::min(wait, kLongestBackoff))) break;
  }
  unreachable_.Add(batch.size());
  Log(LogLevel::kWarning, "Spans dropped: the collector does not answer.", {{"spans", batch.size()}});
}

OtlpExporter::Sent OtlpExporter::Send(const std::string& body, size_t spans, Duration& wait) {
  const httplib::Result answer = wire_->client.Post(wire_->path, body, kJson);
  if (!answer) return Sent::kAgain;
  if (answer->status >= 200 && answer->status < 300) {
    const uint64_t rejected = std::min<uint64_t>(RejectedSpans(answer->body), spans);
    refused_.Add(rejected);
    exported_.Add(spans - rejected);
    return Sent::kTaken;
  }
  if (IsForAnotherTime(answer->status)) {
    const int seconds = std::atoi(answer->get_header_value("Retry-After").c_str());
    wait = std::max<Duration>(wait, std::chrono::seconds(std::clamp(seconds, 0, 30)));
    return Sent::kAgain;
  }
  refused_.Add(spans);
  Log(LogLevel::kWarning, "Spans dropped: the collector refuses them.", {{"spans", spans}, {"http", answer->status}});
  return Sent::kRefused;
}

// False where there is no time left.
bool OtlpExporter::Rest(Duration duration) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, duration, [this] { return stopping_; });
}

}  // namespace freshet
