// OtlpExporter: spans to an OpenTelemetry collector, by OTLP over HTTP in JSON, in the background.
//
//   FRESHET_ASSIGN_OR_RETURN(auto exporter, OtlpExporter::Make({.endpoint = "http://127.0.0.1:4318"}, metrics));
//   exporter->Add(std::move(span));               // nanoseconds to microseconds; another thread sends
//
// The queue is bounded: what comes while it is full is dropped. A batch is sent when it is full or has waited for
// `batch_wait`; where the collector does not answer, or says 429, 502, 503 or 504, it is sent again with jittered
// backoff (Retry-After is heeded), `attempts` times, and then dropped; what it refuses otherwise is dropped at once, as
// the protocol has it. Each span ends in one count of freshet_spans_total: exported, queue_full, refused, unreachable.
// A collector that is slow or gone costs nobody else anything. The destructor sends what is queued, for at most
// `drain`.
//
// Codes of Make: configuration (an endpoint that is no URL, a token that no header may hold). Any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "common/telemetry/metrics.h"
#include "common/telemetry/otlp_json.h"

namespace freshet {

struct OtlpOptions {
  std::string endpoint;       // "http://host:4318", or https, and a path before /v1/traces if there is one
  std::string token;          // sent as a bearer token; empty: none
  OtlpResource resource;      // who speaks: "service.name", ...
  size_t queue_spans = 8192;  // some hundred bytes each; more outlasts longer outages of the collector
  size_t batch_spans = 512;   // of a request
  Duration batch_wait = std::chrono::seconds(1);      // longer: fewer requests, later traces
  Duration timeout = std::chrono::seconds(5);         // of a request
  unsigned attempts = 5;                              // of a batch
  Duration backoff = std::chrono::milliseconds(200);  // before the second; doubles, up to 30 s
  Duration drain = std::chrono::seconds(2);           // of what is queued at the end
};

class OtlpExporter final : public SpanSink {
 public:
  // The registry outlives it.
  static Result<std::unique_ptr<OtlpExporter>> Make(OtlpOptions options, MetricRegistry& metrics);
  ~OtlpExporter() override;

  void Add(Span span) override;

 private:
  struct Wire;
  enum class Sent : uint8_t { kTaken, kRefused, kAgain };
  OtlpExporter(OtlpOptions options, MetricRegistry& metrics, std::unique_ptr<Wire> wire);
  void Run();
  std::vector<Span> Next();
  void Deliver(const std::vector<Span>& batch);
  Sent Send(const std::string& body, size_t spans, Duration& wait);
  bool Rest(Duration duration);

  const OtlpOptions options_;
  const std::unique_ptr<Wire> wire_;
  Counter& exported_;
  Counter& queue_full_;
  Counter& refused_;
  Counter& unreachable_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Span> queue_;
  bool stopping_ = false;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace freshet
