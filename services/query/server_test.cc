// The HTTP API as its callers meet it: who is let in, what comes back, what is written down, what happens to bad input.
#include "services/query/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "services/query/endpoints.h"
#include "services/query/testing/test_server.h"

namespace freshet::query {
namespace {

using freshet::testing::TestAudit;
using freshet::testing::TestServer;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kFloor = R"({"query": "floor"})";

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.index.Allow("open", {"user:ada"});
    server_.index.Put({.id = "ward/falls.md", .version = 3, .text = "Keep the floor dry.\n", .title = "Falls"});
    server_.Settle();
  }
  httplib::Result Search(const std::string& body, const std::string& user = "ada") {
    return server_.Post("/v1/search", body, user);
  }

  TestServer server_;
};

TEST_F(ServerTest, OneCallReturnsPassagesThatTheCallerMaySee) {
  const Json answer = TestServer::Json(Search(kFloor));
  ASSERT_EQ(answer["hits"].size(), 1u);
  EXPECT_EQ(answer["hits"][0]["document_id"], "ward/falls.md");
  EXPECT_EQ(answer["hits"][0]["text"], "Keep the floor dry.");
  EXPECT_EQ(TestServer::Json(Search(kFloor, "bob"))["hits"].size(), 0u);
}

TEST_F(ServerTest, EverythingButHealthAndMetricsNeedsAToken) {
  for (const Route& route : kRoutes) {
    std::string path(route.path);
    if (const size_t open = path.find('{'); open != path.npos) path.replace(open, path.find('}') - open + 1, "files");
    for (const char* user : {"", "nobody"}) {
      const auto result = route.method == "POST" ? server_.Post(path, kFloor, user) : server_.Get(path, user);
      ASSERT_TRUE(result) << path;
      const bool open = path == "/metrics" || path == "/healthz" || path == "/readyz";
      EXPECT_EQ(result->status, open ? 200 : 401) << path;
      if (open) continue;
      EXPECT_EQ(TestServer::Problem(result), "401 unauthenticated") << path;
      EXPECT_EQ(result->get_header_value("WWW-Authenticate"), "Bearer") << path;
    }
  }
  EXPECT_TRUE(server_.confirmed.empty());
}

TEST_F(ServerTest, TheSchemeIsBearerInAnyCaseAndNothingElse) {
  const auto status = [&](const std::string& header) {
    return server_.Client().Get("/v1/freshness", {{"Authorization", header}})->status;
  };
  for (const char* header : {"Bearer token-ada", "bearer token-ada", "BEARER token-ada"}) {
    EXPECT_EQ(status(header), 200) << header;
  }
  for (const char* header : {"token-ada", "Basic token-ada", "Bearer", "Bearer ", "Bearer  token-ada",
                             "Bearer token-adam", "Bearertoken-ada"}) {
    EXPECT_EQ(status(header), 401) << header;
  }
}

// A process may serve several tenants' token files: another's operator is nobody here.
TEST_F(ServerTest, AnotherTenantsCallerIsRefusedEverywhere) {
  for (const Route& route : kRoutes) {
    if (route.work == nullptr) continue;
    std::string path(route.path);
    if (const size_t open = path.find('{'); open != path.npos) path.replace(open, path.find('}') - open + 1, "files");
    path += "?collection=policies";
    const auto result = route.method == "POST" ? server_.Post(path, kFloor, "eve") : server_.Get(path, "eve");
    EXPECT_EQ(TestServer::Problem(result), "403 permission_denied") << path;
  }
  EXPECT_TRUE(server_.confirmed.empty());
}

TEST_F(ServerTest, BadRequestsAreProblemsWithAClosedCode) {
  const std::string bad[] = {"",
                             "null",
                             "{",
                             "[]",
                             "\xff\xfe",
                             R"({})",
                             R"({"query": ""})",
                             R"({"query": 7})",
                             R"({"query": "x", "top_k": -1})",
                             R"({"query": "x", "top_k": 99999999999999999999})",
                             R"({"query": "x", "filter": {}})",
                             R"({"query": "x", "filters": {"effective": {"from": "x"}}})",
                             R"({"query": "x", "filters": [1]})",
                             R"({"query": "x", "after": "zz"})",
                             R"({"query": "x", "mode": "fast"})",
                             R"({"query": "x", "on_stale": 1})",
                             std::string(900'000, '['),
                             R"({"query": ")" + std::string(1'000'000, 'x') + "\"}"};
  for (const std::string& body : bad) {
    EXPECT_EQ(TestServer::Problem(Search(body)), "400 invalid_argument") << body.substr(0, 60);
  }
  EXPECT_EQ(TestServer::Problem(Search(R"({"query": "x", "collections": ["secret"]})")), "404 not_found");
  EXPECT_EQ(TestServer::Problem(Search(std::string(2 << 20, 'x'))), "413 document_too_large");
  EXPECT_EQ(TestServer::Json(Search(kFloor))["hits"].size(), 1u) << "and the service goes on";
}

// Odd, and no mistake: an answer, which may be an empty one, and of nothing that is not the caller's.
TEST_F(ServerTest, OddQuestionsAreAnswered) {
  const std::string odd[] = {"the of and", R"(\u0000\u0001\u001b[31m)", R"("))))(((*:?~^[]{}\\ AND NOT)",
                             "😀",          std::string(16'000, '.'),    R"(\ud83d\ude00 floor)"};
  for (const std::string& question : odd) {
    const std::string escaped = question.starts_with('"') ? "\\" + question : question;
    for (const char* mode : {"hybrid", "lexical", "vector"}) {
      const std::string body =
          R"({"snippet": 40, "neighbours": 1, "mode": ")" + std::string(mode) + R"(", "query": ")" + escaped + "\"}";
      EXPECT_LE(TestServer::Json(Search(body))["hits"].size(), 1u) << body.substr(0, 80);
      EXPECT_EQ(TestServer::Json(Search(body, "bob"))["hits"].size(), 0u) << body.substr(0, 80);
    }
  }
}

// Neither is a body held that never says its length, nor one of somebody whom nobody knows.
TEST_F(ServerTest, ABodyInPiecesIsBoundedToo) {
  const auto post = [&](const std::string& token, size_t pieces) {
    const std::string piece(64 << 10, ' ');
    return server_.Client().Post(
        "/v1/search", {{"Authorization", "Bearer " + token}},
        [&, sent = size_t{0}](size_t, httplib::DataSink& sink) mutable {
          if (sent++ < pieces) return sink.write(piece.data(), piece.size());
          sink.write(kFloor, std::string_view(kFloor).size());
          sink.done();
          return true;
        },
        "application/json");
  };
  EXPECT_EQ(post("token-ada", 2)->status, 200);
  EXPECT_EQ(TestServer::Problem(post("token-ada", 17)), "413 document_too_large");
  EXPECT_EQ(TestServer::Problem(post("nobody", 2)), "401 unauthenticated");
  EXPECT_EQ(TestServer::Json(Search(kFloor))["hits"].size(), 1u) << "and the service goes on";
}

TEST_F(ServerTest, UnknownPathsAndMethodsAreNotFound) {
  for (const char* path : {"/", "/v1", "/v1/searches", "/v1/search/", "/v2/search", "/v1/sources/a/b/confirm"}) {
    EXPECT_EQ(TestServer::Problem(server_.Post(path, kFloor, "ada")), "404 not_found") << path;
  }
  EXPECT_EQ(TestServer::Problem(server_.Get("/v1/search", "ada")), "404 not_found");
}

TEST_F(ServerTest, APathThatIsTooLongIsRefusedAndTheAnswerSaysItsStatus) {
  const auto lineage = [&](size_t length) {
    return TestServer::Problem(
        server_.Get("/v1/documents/" + std::string(length, 'a') + "/lineage?collection=policies", "ada"));
  };
  EXPECT_EQ(lineage(7'000), "404 not_found") << "a long id is an id";
  EXPECT_EQ(lineage(20'000), "414 invalid_argument");
}

TEST_F(ServerTest, WhatIsStaleAndWhatDoesNotComeHaveStatusesOfTheirOwn) {
  server_.index.clock.Advance(10s);
  EXPECT_EQ(TestServer::Problem(Search(R"({"query": "floor", "max_staleness_ms": 5000, "on_stale": "refuse"})")),
            "503 stale");
  EXPECT_EQ(TestServer::Json(Search(R"({"query": "floor", "max_staleness_ms": 5000.0})"))["warnings"].size(), 1u);
  const VersionToken later{{SourceName("files"), CollectionName("policies"), DocumentId("ward/falls.md")}, {1, 9}};
  EXPECT_EQ(TestServer::Problem(Search(R"({"query": "floor", "after": ")" + later.Encode() + "\"}")), "504 timeout");
}

TEST_F(ServerTest, OneTraceIdGoesThroughHeaderAnswerAuditAndProblem) {
  const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const httplib::Headers headers = {{"Authorization", "Bearer token-ada"},
                                    {"traceparent", "00-" + id + "-00f067aa0ba902b7-01"}};
  auto client = server_.Client();
  const auto found = client.Post("/v1/search", headers, kFloor, "application/json");
  EXPECT_EQ(TestServer::Json(found)["trace_id"], id);
  EXPECT_THAT(found->get_header_value("traceparent"), HasSubstr("00-" + id + "-"));
  EXPECT_EQ(server_.audit.entries().back().trace_id, id);
  const auto refused = client.Post("/v1/search", headers, "{}", "application/json");
  EXPECT_EQ(Json::parse(refused->body)["trace_id"], id);
  // One that is none is replaced.
  const auto own = client.Get("/v1/freshness", {{"Authorization", "Bearer token-ada"}, {"traceparent", "00-00-00-00"}});
  EXPECT_EQ(own->get_header_value("traceparent").size(), 55u);
}

TEST_F(ServerTest, EveryCallLeavesOneLineWithoutContent) {
  (void)Search(kFloor);
  (void)Search(kFloor, "bob");
  (void)Search("{}");
  (void)Search(kFloor, "");
  (void)server_.Get("/v1/documents/ward/falls.md/lineage?collection=policies", "ada");
  (void)server_.Get("/v1/documents/ward/falls.md/lineage?collection=policies", "bob");
  (void)server_.Get("/v1/freshness", "olga");
  (void)server_.Get("/healthz");
  (void)server_.Get("/metrics");
  std::string text;
  for (const AuditEntry& entry : server_.audit.entries()) {
    EXPECT_EQ(entry.at, server_.index.clock.Now());
    text += entry.user + " " + entry.action + " " + entry.outcome;
    for (const std::string& document : entry.documents) text += " " + document;
    text += "\n";
  }
  EXPECT_EQ(text,
            "ada search ok ward/falls.md\n"
            "bob search ok\n"
            "ada search invalid_argument\n"
            " search unauthenticated\n"
            "ada lineage ok ward/falls.md\n"
            "bob lineage not_found\n"
            "olga freshness ok\n");
}

TEST_F(ServerTest, ACallThatCannotBeWrittenDownIsNotAnswered) {
  server_.audit.Fail(Status(Code::kDiskFull, "the audit log takes no line"));
  const auto result = Search(kFloor);
  EXPECT_EQ(TestServer::Problem(result), "503 disk_full");
  EXPECT_EQ(result->body.find("floor"), std::string::npos);
  EXPECT_EQ(server_.Get("/healthz")->status, 200);
  server_.audit.Fail(OkStatus());
  EXPECT_EQ(Search(kFloor)->status, 200);
}

TEST_F(ServerTest, LineageTakesIdsWithSlashesAndEscapes) {
  for (const char* path : {"/v1/documents/ward/falls.md/lineage?collection=policies",
                           "/v1/documents/ward%2Ffalls.md/lineage?collection=policies"}) {
    EXPECT_EQ(TestServer::Json(server_.Get(path, "ada"))["version"], "1:3") << path;
  }
  EXPECT_EQ(TestServer::Problem(server_.Get("/v1/documents/ward/falls.md/lineage", "ada")), "400 invalid_argument");
  EXPECT_EQ(TestServer::Problem(server_.Get("/v1/documents/ward/falls.md/lineage?collection=notes", "ada")),
            "404 not_found");
}

TEST_F(ServerTest, OnlyOperatorsConfirmDeletesAndOnlyThoseOfTheSnapshotTheyHaveSeen) {
  for (int i = 0; i < 12; ++i) server_.index.Put({.id = "d" + std::to_string(i), .text = "floor\n"});
  server_.index.Snapshot(SnapshotEdge::Side::kBegin, 100);
  server_.index.Snapshot(SnapshotEdge::Side::kEnd, 100);
  server_.Settle();
  const Json rows = TestServer::Json(server_.Get("/v1/sources", "ada"))["sources"];
  ASSERT_EQ(rows[0]["held"].size(), 1u);
  const std::string snapshot = rows[0]["held"][0]["snapshot"];
  EXPECT_GE(rows[0]["held"][0]["documents"], 12);
  EXPECT_TRUE(rows[1]["held"].empty());

  const std::string path = "/v1/sources/files/confirm";
  const std::string seen = Json({{"snapshot", snapshot}}).dump();
  EXPECT_EQ(TestServer::Problem(server_.Post(path, seen, "ada")), "403 permission_denied");
  EXPECT_EQ(TestServer::Problem(server_.Post("/v1/sources/fils/confirm", seen, "olga")), "404 not_found");
  EXPECT_EQ(TestServer::Problem(server_.Post(path, "", "olga")), "400 invalid_argument");
  EXPECT_EQ(TestServer::Problem(server_.Post(path, R"({"snapshot": "newest"})", "olga")), "400 invalid_argument");
  EXPECT_EQ(TestServer::Problem(server_.Post(path, R"({"snapshot": "1:99"})", "olga")), "404 not_found");
  EXPECT_TRUE(server_.confirmed.empty());
  const Json expected = {{"confirmed", true}, {"snapshot", snapshot}, {"documents", rows[0]["held"][0]["documents"]}};
  EXPECT_EQ(TestServer::Json(server_.Post(path, seen, "olga")), expected);
  EXPECT_THAT(server_.confirmed, ::testing::ElementsAre("files " + snapshot));
  const AuditEntry line = server_.audit.entries().back();
  EXPECT_EQ(line.user + " " + line.action + " " + line.subject, "olga confirm files " + snapshot);
}

TEST_F(ServerTest, AProcessThatPublishesNothingSaysSo) {
  const ServerParts parts{.engine = server_.index.engine.get()};
  const Endpoints endpoints(parts);
  const Caller olga = freshet::testing::TestIndex::CallerOf("olga", {"freshet-operators"});
  EXPECT_EQ(endpoints.Confirm({.caller = olga, .subject = "files"}).code(), Code::kUnavailable);
}

TEST_F(ServerTest, ReadinessHasItsReasons) {
  const auto ready = server_.Get("/readyz");
  EXPECT_EQ(ready->status, 200);
  EXPECT_EQ(Json::parse(ready->body), Json::parse(R"({"status": "ready", "reasons": []})"));
  server_.unready = {"unavailable: access is not current yet", "corrupt_store: worker index halted"};
  const auto unready = server_.Get("/readyz");
  EXPECT_EQ(unready->status, 503);
  EXPECT_EQ(Json::parse(unready->body), Json::parse(R"({"status": "not ready",
      "reasons": ["unavailable: access is not current yet", "corrupt_store: worker index halted"]})"));
  EXPECT_EQ(server_.Get("/healthz")->status, 200) << "not ready is alive";
}

TEST_F(ServerTest, MetricsCountRequestsByCode) {
  (void)Search(kFloor);
  (void)Search("{}");
  const auto metrics = server_.Get("/metrics");
  EXPECT_EQ(metrics->get_header_value("Content-Type"), kMetricsContentType);
  EXPECT_THAT(metrics->body, HasSubstr("freshet_queries_total{endpoint=\"search\",code=\"ok\"} 1\n"));
  EXPECT_THAT(metrics->body, HasSubstr("freshet_queries_total{endpoint=\"search\",code=\"invalid_argument\"} 1\n"));
}

TEST_F(ServerTest, ManyCallersAtOnceEachSeeTheirOwn) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 6; ++i) {
    callers.emplace_back([&, user = std::string(i % 2 == 0 ? "ada" : "bob")] {
      auto client = server_.Client();
      client.set_keep_alive(true);
      for (int j = 0; j < 25; ++j) {
        const auto result =
            client.Post("/v1/search", {{"Authorization", "Bearer token-" + user}}, kFloor, "application/json");
        if (!result || Json::parse(result->body)["hits"].size() != (user == "ada" ? 1u : 0u)) ++wrong;
      }
    });
  }
  for (uint64_t version = 4; version < 30; ++version) {
    server_.index.Put({.id = "ward/falls.md", .version = version, .text = "Keep the floor dry.\n"});
    server_.index.Show();
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(server_.audit.entries().size(), 150u);
}

TEST_F(ServerTest, HalfARequestHoldsNobodyElseUp) {
  const uint16_t port = static_cast<uint16_t>(std::stoi(server_.url.substr(server_.url.rfind(':') + 1)));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int half = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(connect(half, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string text = "POST /v1/search HTTP/1.1\r\nContent-Length: 100\r\n\r\n{";
  ASSERT_EQ(write(half, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  EXPECT_EQ(Search(kFloor)->status, 200);
  close(half);
}

TEST(Server, AnAddressThatIsNoneOrTakenIsAConfigurationError) {
  TestServer running;
  const ServerParts parts{.engine = running.index.engine.get()};
  for (const std::string& listen :
       {std::string("here"), std::string(":8080"), std::string("127.0.0.1:"), std::string("127.0.0.1:70000"),
        std::string("127.0.0.1:-1"), std::string("127.0.0.1:80x"), std::string("no.such.host.invalid:1"),
        running.url.substr(std::string("http://").size())}) {
    Server server({.listen = listen}, parts);
    EXPECT_EQ(server.Start().code(), Code::kConfiguration) << listen;
  }
}

TEST_F(ServerTest, RepairsAreForOperatorsAndAuditedAndCarryWhatWasAsked) {
  EXPECT_EQ(TestServer::Problem(server_.Post("/v1/dead-letters/drop", R"({"all": true})", "ada")),
            "403 permission_denied");
  EXPECT_TRUE(server_.repairs.empty());
  TestServer::Json(server_.Post("/v1/sources/files/backfill", R"({"documents": ["a"]})", "olga"));
  TestServer::Json(server_.Get("/v1/documents/ward%2Ffalls.md/receipt?collection=policies", "olga"));
  ASSERT_EQ(server_.repairs.size(), 2u);
  EXPECT_EQ(server_.repairs[0].action, "backfill");
  EXPECT_EQ(server_.repairs[0].subject, "files");
  EXPECT_EQ(server_.repairs[0].body, R"({"documents": ["a"]})");
  EXPECT_EQ(server_.repairs[1].subject, "ward/falls.md");
  EXPECT_EQ(server_.repairs[1].parameters.at("collection"), "policies");
  EXPECT_EQ(server_.audit.entries().back().subject, "audited receipt");
  EXPECT_EQ(TestServer::Problem(server_.Post("/v1/sources/no-such/pause", "{}", "olga")), "404 not_found");
}

TEST(Server, ListensOnIpv6Too) {
  TestServer running;
  Server server({.listen = "[::1]:0"}, {.engine = running.index.engine.get()});
  const Result<std::string> url = server.Start();
  if (!url.ok()) GTEST_SKIP() << "this machine has no IPv6";
  EXPECT_THAT(*url, HasSubstr("http://[::1]:"));
  EXPECT_EQ(httplib::Client("::1", std::stoi(url->substr(url->rfind(':') + 1))).Get("/healthz")->status, 200);
}

TEST(Server, StopsAlsoWhereItNeverStarted) {
  TestServer running;
  Server server({}, {.engine = running.index.engine.get()});
  server.Stop();
  server.Stop();
}

}  // namespace
}  // namespace freshet::query
