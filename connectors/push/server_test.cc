// The server over real sockets: who may push, what is refused, and that 202 means durable.
#include "connectors/push/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "connectors/source/certificates_testing.h"

namespace freshet::push {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kJson = "application/cloudevents+json";

class PushServerTest : public ::testing::Test {
 protected:
  PushServerTest() {
    options.listen = {"127.0.0.1", 0};
    options.tokens = "# who may push\nfirst-token\nsecond-token  \n";
    options.max_body = ByteSize{4096};
    options.max_ahead = 5min;
  }
  void Start() {
    server = std::make_unique<PushServer>(
        options, PushParts{.clock = &clock, .deliver = [this](std::vector<ChangeEvent> events, size_t) {
                             delivered += events.size();
                             return answer;
                           }});
    const Result<int> started = server->Start();
    ASSERT_TRUE(started.ok()) << started.status().ToString();
    port = *started;
    client = std::make_unique<httplib::Client>("127.0.0.1", port);
    client->set_bearer_token_auth("second-token");
  }
  std::string Event(const std::string& id) const {
    return Json{{"specversion", "1.0"},
                {"id", id},
                {"source", "/ehr"},
                {"subject", "a"},
                {"type", "org.freshet.document.upserted.v1"},
                {"time", FormatTime(clock.Now())},
                {"datacontenttype", "text/plain"},
                {"data", "text"}}
        .dump();
  }
  Json Refused(const httplib::Result& result, int status) const {
    EXPECT_TRUE(result) << "no answer";
    if (!result) return {};
    EXPECT_EQ(result->status, status) << result->body;
    EXPECT_EQ(result->get_header_value("Content-Type"), "application/problem+json");
    return Json::parse(result->body);
  }

  ManualClock clock{FromMicros(1'800'000'000'000'000)};
  PushOptions options;
  std::atomic<size_t> delivered = 0;
  Status answer;
  std::unique_ptr<PushServer> server;
  int port = 0;
  std::unique_ptr<httplib::Client> client;
};

TEST_F(PushServerTest, AcceptsWhatIsDurableAndKnowsItAgain) {
  Start();
  const auto first = client->Post("/v1/events", Event("1"), kJson);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 202);
  EXPECT_EQ(first->body, R"({"accepted":1})");
  EXPECT_EQ(client->Post("/v1/events", Event("1"), kJson)->body, R"({"accepted":0})");
  EXPECT_EQ(delivered, 1u);
  EXPECT_EQ(client->Get("/healthz")->status, 200);
}

TEST_F(PushServerTest, WhatIsNotDurableIsSentAgain) {
  options.retry_after = 7s;
  Start();
  for (const Code code : {Code::kBackpressure, Code::kTimeout, Code::kUnavailable}) {
    answer = Status(code, "not now");
    const auto refused = client->Post("/v1/events", Event("1"), kJson);
    EXPECT_EQ(Refused(refused, 503)["code"], std::string(NameOf(code)));
    EXPECT_EQ(refused->get_header_value("Retry-After"), "7");
  }
  answer = OkStatus();
  EXPECT_EQ(client->Post("/v1/events", Event("1"), kJson)->body, R"({"accepted":1})") << "not remembered as done";
}

TEST_F(PushServerTest, OnlyKnownTokens) {
  Start();
  for (const char* token : {"", "first-toke", "first-token2", "# who may push", "FIRST-TOKEN"}) {
    client->set_bearer_token_auth(token);
    const auto refused = client->Post("/v1/events", Event("1"), kJson);
    EXPECT_EQ(Refused(refused, 401)["code"], "unauthenticated");
    EXPECT_EQ(refused->get_header_value("WWW-Authenticate"), "Bearer");
  }
  EXPECT_EQ(delivered, 0u);
  client->set_bearer_token_auth("first-token");
  EXPECT_EQ(client->Post("/v1/events", Event("1"), kJson)->status, 202);
}

TEST_F(PushServerTest, RefusesByTheirNameWhatItDoesNotTake) {
  Start();
  EXPECT_EQ(Refused(client->Post("/v1/events", std::string(5000, ' '), kJson), 413)["code"], "document_too_large");
  EXPECT_EQ(Refused(client->Post("/v1/events", "{", kJson), 400)["code"], "invalid_argument");
  EXPECT_EQ(Refused(client->Post("/v1/events", "x", "text/plain"), 415)["code"], "unsupported_media_type");
  const auto patched = client->Patch("/v1/events", "{}", "application/json-patch+json");
  EXPECT_THAT(Refused(patched, 405)["detail"].get<std::string>(), HasSubstr("sent whole"));
  EXPECT_EQ(patched->get_header_value("Allow"), "POST");
  EXPECT_EQ(Refused(client->Get("/v1/events"), 405)["status"], 405);
  EXPECT_EQ(Refused(client->Get("/elsewhere"), 404)["code"], "not_found");
  clock.Advance(-1h);
  const std::string event = Event("1");
  clock.Advance(-1h);
  EXPECT_THAT(Refused(client->Post("/v1/events", event, kJson), 400)["detail"].get<std::string>(), HasSubstr("future"));
  EXPECT_EQ(delivered, 0u);
}

TEST_F(PushServerTest, ABatchIsTakenWholeOrNotAtAll) {
  Start();
  const char* const batch = "application/cloudevents-batch+json";
  const std::string bad = "[" + Event("1") + ",{\"id\":\"2\"}]";
  EXPECT_THAT(Refused(client->Post("/v1/events", bad, batch), 400)["detail"].get<std::string>(), HasSubstr("event 1"));
  EXPECT_EQ(delivered, 0u);
  EXPECT_EQ(client->Post("/v1/events", "[" + Event("1") + "," + Event("2") + "]", batch)->body, R"({"accepted":2})");
  EXPECT_EQ(client->Post("/v1/events", "[]", batch)->body, R"({"accepted":0})");
}

TEST_F(PushServerTest, ABatchThatSaysAnEventTwiceTakesItOnce) {
  Start();
  const std::string twice = "[" + Event("1") + "," + Event("1") + "]";
  EXPECT_EQ(client->Post("/v1/events", twice, "application/cloudevents-batch+json")->body, R"({"accepted":1})");
}

// Bodies without a length, and bodies that grow when they are unpacked, are bounded too; the connection goes on.
TEST_F(PushServerTest, LimitsHoldForAnyBody) {
  Start();
  client->set_keep_alive(true);
  const auto endless = [](size_t offset, httplib::DataSink& sink) {
    const std::string piece(1000, ' ');
    offset < 9000 ? sink.write(piece.data(), piece.size()) : (sink.done(), true);
    return true;
  };
  EXPECT_EQ(Refused(client->Post("/v1/events", httplib::Headers(), endless, kJson), 413)["code"], "document_too_large");
  client->set_compress(true);
  EXPECT_EQ(Refused(client->Post("/v1/events", std::string(8000, ' '), kJson), 413)["code"], "document_too_large");
  EXPECT_EQ(client->Post("/v1/events", Event("1"), kJson)->status, 202) << "packed, and small enough";
}

TEST_F(PushServerTest, WhatAllRequestsHoldIsBounded) {
  options.max_body = ByteSize{4096};
  options.queue_bytes = ByteSize{100};
  Start();
  const auto refused = client->Post("/v1/events", Event("1"), kJson);
  EXPECT_EQ(Refused(refused, 503)["code"], "backpressure");
  EXPECT_EQ(refused->get_header_value("Retry-After"), "2");
  EXPECT_EQ(delivered, 0u);
}

TEST_F(PushServerTest, OverTlsAndOnlyForThoseWithACertificate) {
  const TestCertificate made;
  options.tls_certificate = options.tls_client_ca = made.certificate;
  options.tls_key = made.key;
  Start();
  const auto post = [&](httplib::SSLClient& sender) {
    sender.set_ca_cert_path(made.certificate.c_str());
    sender.set_bearer_token_auth("first-token");
    const auto answer = sender.Post("/v1/events", Event("1"), kJson);
    return answer ? answer->status : 0;
  };
  httplib::SSLClient known("127.0.0.1", port, made.certificate, made.key);
  EXPECT_EQ(post(known), 202);
  httplib::SSLClient unknown("127.0.0.1", port);
  EXPECT_EQ(post(unknown), 0);
  EXPECT_FALSE(client->Post("/v1/events", Event("2"), kJson)) << "unencrypted";
  EXPECT_EQ(delivered, 1u);
}

TEST_F(PushServerTest, OptionsThatCannotWork) {
  EXPECT_TRUE(Validate(options).ok());
  for (const char* path : {"", "v1", "/a b", "/(", "/healthz", "/a.b"}) {
    options.path = path;
    EXPECT_EQ(Validate(options).code(), Code::kConfiguration) << path;
  }
  options.path = "/v1/events";
  options.tls_key = "key.pem";
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration);
  options.tls_certificate = "nowhere.pem";
  EXPECT_TRUE(Validate(options).ok());
  EXPECT_EQ(PushServer(options, {}).Start().code(), Code::kConfiguration) << "the files cannot be read";
  options.tls_key.clear();
  options.tls_certificate.clear();
  options.tokens = "# none\n";
  EXPECT_EQ(PushServer(options, {}).Start().code(), Code::kConfiguration);
}

TEST_F(PushServerTest, AnAddressThatIsTaken) {
  Start();
  options.listen.port = static_cast<uint16_t>(port);
  EXPECT_EQ(PushServer(options, {}).Start().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace freshet::push
