// The exporter against a collector of ours that answers as it is told: what is sent, again or not, and what is dropped
// and counted. The real collector is asked by tests/e2e/traces_test.py.
#include "common/telemetry/otlp.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include <nlohmann/json.hpp>

namespace freshet {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::ElementsAre;

Span SpanOf(uint64_t id) {
  return {.context = {.trace_high = 0x4bf92f3577b34da6, .trace_low = 0xa3ce929d0e0e4736, .span = id},
          .parent = 7,
          .name = "chunk",
          .kind = SpanKind::kServer,
          .begin = Time(1'000'001us),
          .end = Time(1'000'301us),
          .attributes = {{"source", SourceName("ehr")}, {"records", 3}, {"http_route", Coordinate("/v1/search")}},
          .links = {{.trace_high = 1, .trace_low = 2, .span = 3}},
          .code = Code::kTimeout};
}

TEST(OtlpJson, IsWhatTheProtocolSays) {
  const Span spans[] = {SpanOf(0x00f067aa0ba902b7)};
  const Json json = Json::parse(OtlpTraces(spans, {{"service.name", "freshet"}}));
  const Json& rows = json["resourceSpans"][0];
  EXPECT_EQ(rows["resource"],
            Json::parse(R"({"attributes":[{"key":"service.name","value":{"stringValue":"freshet"}}]})"));
  EXPECT_EQ(rows["scopeSpans"][0]["scope"]["name"], "freshet");
  EXPECT_EQ(rows["scopeSpans"][0]["spans"], Json::parse(R"([{
    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "parentSpanId": "0000000000000007",
    "name": "chunk", "kind": 2, "startTimeUnixNano": "1000001000", "endTimeUnixNano": "1000301000",
    "attributes": [{"key": "freshet.source", "value": {"stringValue": "ehr"}},
                   {"key": "freshet.records", "value": {"intValue": "3"}},
                   {"key": "http.route", "value": {"stringValue": "/v1/search"}}],
    "links": [{"traceId": "00000000000000010000000000000002", "spanId": "0000000000000003"}],
    "status": {"code": 2, "message": "timeout"}}])"));
}

TEST(OtlpJson, LeavesOutWhatThereIsNot) {
  Span span = SpanOf(1);
  span.parent = 0;
  span.links.clear();
  span.code = Code::kOk;
  span.end = span.begin - 5s;  // of two clocks
  const Span spans[] = {span};
  const Json json = Json::parse(OtlpTraces(spans, {}))["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  for (const char* key : {"parentSpanId", "links", "status"}) EXPECT_FALSE(json.contains(key)) << key;
  EXPECT_EQ(json["endTimeUnixNano"], json["startTimeUnixNano"]);
}

TEST(OtlpJson, ReadsHowManyWereRejected) {
  EXPECT_EQ(RejectedSpans(R"({"partialSuccess":{"rejectedSpans":"12","errorMessage":"no"}})"), 12u);
  EXPECT_EQ(RejectedSpans(R"({"partialSuccess":{"rejectedSpans":3}})"), 3u);
  for (const char* body : {"", "{}", "[]", R"({"partialSuccess":{}})", R"({"partialSuccess":{"rejectedSpans":"x"}})"}) {
    EXPECT_EQ(RejectedSpans(body), 0u) << body;
  }
}

class OtlpTest : public testing::Test {
 protected:
  OtlpTest() {
    collector_.Post("/base/v1/traces", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard lock(mutex_);
      EXPECT_EQ(request.get_header_value("Content-Type"), "application/json");
      tokens_.push_back(request.get_header_value("Authorization"));
      const Json spans = Json::parse(request.body)["resourceSpans"][0]["scopeSpans"][0]["spans"];
      asked_.push_back(static_cast<int>(spans.size()));
      response.status = answers_.empty() ? 200 : answers_.front();
      if (!answers_.empty()) answers_.pop_front();
      response.set_content(body_, "application/json");
    });
    port_ = collector_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { collector_.listen_after_bind(); });
    while (!collector_.is_running()) std::this_thread::yield();
  }
  ~OtlpTest() override {
    exporter_.reset();
    collector_.stop();
    thread_.join();
  }

  OtlpOptions Options() const {
    return {.endpoint = "http://127.0.0.1:" + std::to_string(port_) + "/base/", .batch_wait = 1ms, .backoff = 1ms};
  }
  void Start(OtlpOptions options) {
    auto made = OtlpExporter::Make(std::move(options), metrics_);
    ASSERT_TRUE(made.ok()) << made.status().ToString();
    exporter_ = std::move(*made);
  }
  uint64_t Count(const char* outcome) { return metrics_.CounterOf<Metric::kSpans>(outcome).value(); }
  bool Becomes(const char* outcome, uint64_t count) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (Count(outcome) != count && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    return Count(outcome) == count;
  }
  std::vector<int> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  httplib::Server collector_;
  std::thread thread_;
  int port_ = 0;
  std::mutex mutex_;
  std::deque<int> answers_;  // then 200
  std::string body_ = "{}";
  std::vector<int> asked_;  // spans of each request
  std::vector<std::string> tokens_;
  MetricRegistry metrics_;
  std::unique_ptr<OtlpExporter> exporter_;
};

TEST_F(OtlpTest, SendsWhatItIsGivenWithItsToken) {
  OtlpOptions options = Options();
  options.token = "s3cret";
  Start(std::move(options));
  exporter_->Add(SpanOf(1));
  EXPECT_TRUE(Becomes("exported", 1));
  EXPECT_EQ(tokens_.front(), "Bearer s3cret");
}

TEST_F(OtlpTest, ASpanWaitsForOthersButNotForever) {
  OtlpOptions options = Options();
  options.batch_wait = 100ms;
  options.batch_spans = 3;
  Start(std::move(options));
  for (uint64_t id = 1; id <= 4; ++id) exporter_->Add(SpanOf(id));
  EXPECT_TRUE(Becomes("exported", 4));
  EXPECT_THAT(asked(), ElementsAre(3, 1));
}

TEST_F(OtlpTest, TriesAgainWhatIsForAnotherTime) {
  answers_ = {503, 429, 502, 504};
  Start(Options());
  exporter_->Add(SpanOf(1));
  EXPECT_TRUE(Becomes("exported", 1));
  EXPECT_EQ(asked().size(), 5u);
}

TEST_F(OtlpTest, GivesUpInTheEnd) {
  answers_ = {503, 503, 503};
  OtlpOptions options = Options();
  options.attempts = 3;
  Start(std::move(options));
  exporter_->Add(SpanOf(1));
  EXPECT_TRUE(Becomes("unreachable", 1));
  exporter_->Add(SpanOf(2));
  EXPECT_TRUE(Becomes("exported", 1)) << "and goes on with what comes after it";
}

TEST_F(OtlpTest, DoesNotRepeatWhatIsRefused) {
  answers_ = {400};
  Start(Options());
  exporter_->Add(SpanOf(1));
  EXPECT_TRUE(Becomes("refused", 1));
  EXPECT_EQ(asked().size(), 1u);
}

TEST_F(OtlpTest, CountsWhatACollectorTookOnlyInPart) {
  body_ = R"({"partialSuccess":{"rejectedSpans":"2"}})";
  OtlpOptions options = Options();
  options.batch_wait = 50ms;
  options.batch_spans = 3;
  Start(std::move(options));
  for (uint64_t id = 1; id <= 3; ++id) exporter_->Add(SpanOf(id));
  EXPECT_TRUE(Becomes("refused", 2));
  EXPECT_TRUE(Becomes("exported", 1));
}

TEST_F(OtlpTest, TheQueueIsBoundedAndEverySpanCounted) {
  collector_.stop();  // nobody answers
  OtlpOptions options = Options();
  options.queue_spans = 10;
  options.batch_spans = 5;
  options.backoff = 10s;
  options.drain = 0s;
  Start(std::move(options));
  for (uint64_t id = 1; id <= 100; ++id) exporter_->Add(SpanOf(id));
  EXPECT_GE(Count("queue_full"), 100u - 10u - 5u) << "ten wait, five are on their way";
  exporter_.reset();
  EXPECT_EQ(Count("queue_full") + Count("unreachable"), 100u);
}

TEST_F(OtlpTest, TheEndSendsWhatIsQueued) {
  OtlpOptions options = Options();
  options.batch_wait = 1h;
  options.drain = 60s;
  Start(std::move(options));
  exporter_->Add(SpanOf(1));
  exporter_.reset();
  EXPECT_EQ(Count("exported"), 1u);
}

TEST_F(OtlpTest, RefusesWhatIsNoCollector) {
  for (const char* endpoint : {"", "127.0.0.1:4318", "ftp://x", "http://", "http:///v1"}) {
    EXPECT_EQ(OtlpExporter::Make({.endpoint = endpoint}, metrics_).code(), Code::kConfiguration) << endpoint;
  }
  OtlpOptions forged = Options();
  forged.token = "a\r\nX: y";
  EXPECT_EQ(OtlpExporter::Make(std::move(forged), metrics_).code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet
