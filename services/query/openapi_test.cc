// openapi.json against what is served: the same routes, and answers whose every field it describes.
#include <gtest/gtest.h>

#include <set>

#include "services/query/endpoints.h"
#include "services/query/testing/json_schema.h"
#include "services/query/testing/test_server.h"

namespace freshet::query {
namespace {

using freshet::testing::SchemaMistakes;
using freshet::testing::TestServer;
using Json = nlohmann::json;

class OpenApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.index.Allow("open", {"group:everyone"});
    server_.index.Put({.id = "a",
                       .text = "# Falls\n\nfloor\n",
                       .title = "Falls",
                       .attributes = {{"kind", {"policy"}}},
                       .vectors = true});
    server_.index.Skip({.id = "a", .version = 2}, Code::kMalformedDocument);
    server_.index.Skip({.id = "b"}, Code::kBinaryContent);
    openapi_ = TestServer::Json(server_.Get("/openapi.json", "ada"));
  }
  // The schema of a route's answer of this status.
  Json SchemaOf(const std::string& path, const std::string& method, const std::string& status = "200") const {
    const Json& responses = openapi_.at("paths").at(path).at(method).at("responses");
    return responses.at(status).at("content").at("application/json").at("schema");
  }
  std::string Mistakes(const std::string& path, const std::string& method, const httplib::Result& result) const {
    return SchemaMistakes(Json::parse(result->body), openapi_, SchemaOf(path, method, std::to_string(result->status)));
  }
  std::string RequestMistakes(const char* request) const {
    return SchemaMistakes(Json::parse(request), openapi_, std::string("#/components/schemas/SearchRequest"));
  }

  TestServer server_;
  Json openapi_;
};

TEST_F(OpenApiTest, ListsEveryRouteThatIsServedAndNoOther) {
  std::set<std::string> served, described;
  for (const Route& route : kRoutes) served.insert(std::string(route.method) + " " + std::string(route.path));
  for (const auto& [path, methods] : openapi_.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string name = method + " " + path;
      std::transform(method.begin(), method.end(), name.begin(), [](char c) { return std::toupper(c); });
      described.insert(name);
    }
  }
  EXPECT_EQ(served, described);
}

TEST_F(OpenApiTest, SaysWhichRoutesNeedNoToken) {
  for (const Route& route : kRoutes) {
    std::string method(route.method);
    std::transform(method.begin(), method.end(), method.begin(), [](char c) { return std::tolower(c); });
    const Json& operation = openapi_.at("paths").at(std::string(route.path)).at(method);
    const bool open = operation.contains("security") && operation["security"].empty();
    EXPECT_EQ(open, route.work == nullptr) << route.path;
    EXPECT_EQ(operation.at("responses").contains("default"), !open) << route.path << " may answer with a problem";
  }
}

TEST_F(OpenApiTest, EveryReferenceHasItsSchema) {
  const std::string text = openapi_.dump();
  for (size_t at = text.find("\"#/"); at != text.npos; at = text.find("\"#/", at + 1)) {
    const std::string pointer = text.substr(at + 2, text.find('"', at + 1) - at - 2);
    EXPECT_TRUE(openapi_.contains(Json::json_pointer(pointer))) << pointer;
  }
}

TEST_F(OpenApiTest, DescribesEveryFieldOfRealAnswers) {
  const std::string lineage = "/v1/documents/{id}/lineage";
  for (const bool settled : {false, true}) {
    if (settled) server_.Settle();
    for (const char* mode : {"hybrid", "lexical", "vector"}) {
      const Json request = {
          {"query", "floor"}, {"mode", mode}, {"max_staleness_ms", 0}, {"snippet", 40}, {"neighbours", 1}};
      const auto result = server_.Post("/v1/search", request.dump(), "ada");
      EXPECT_EQ(Mistakes("/v1/search", "post", result), "") << result->body;
      EXPECT_EQ(Json::parse(result->body)["hits"].size(), settled ? 1u : 0u);
    }
    server_.metrics.HistogramOf<Metric::kPromised>("files", "insert").Record(std::chrono::milliseconds(7));
    server_.metrics.HistogramOf<Metric::kSearchable>("files", "insert").Record(std::chrono::milliseconds(7));
    EXPECT_EQ(Mistakes("/v1/freshness", "get", server_.Get("/v1/freshness", "ada")), "");
    EXPECT_EQ(Mistakes("/v1/freshness/history", "get", server_.Get("/v1/freshness/history", "ada")), "");
    for (const char* id : {"a", "b"}) {
      if (!settled) continue;  // not even the collection is known
      const auto result = server_.Get("/v1/documents/" + std::string(id) + "/lineage?collection=policies", "olga");
      EXPECT_EQ(Mistakes(lineage, "get", result), "") << result->body;
    }
  }
  for (int i = 0; i < 12; ++i) server_.index.Put({.id = "d" + std::to_string(i), .text = "floor\n"});
  server_.index.Snapshot(SnapshotEdge::Side::kBegin, 100);
  server_.index.Snapshot(SnapshotEdge::Side::kEnd, 100);
  const auto sources = server_.Get("/v1/sources", "olga");
  EXPECT_EQ(Mistakes("/v1/sources", "get", sources), "");
  const Json held = Json::parse(sources->body)["sources"][0]["held"].at(0);
  const std::string seen = Json({{"snapshot", held["snapshot"]}}).dump();
  EXPECT_EQ(Mistakes("/v1/sources/{name}/confirm", "post", server_.Post("/v1/sources/files/confirm", seen, "olga")),
            "");
  server_.held = {{.document = {SourceName("ehr"), CollectionName("notes"), DocumentId("q")},
                   .version = {.epoch = 1, .position = 42},
                   .reason = "doubt",
                   .releasable = true}};
  const std::string one = "/v1/quarantine/{id}";
  EXPECT_EQ(Mistakes("/v1/quarantine", "get", server_.Get("/v1/quarantine", "rita")), "");
  EXPECT_EQ(Mistakes(one, "get", server_.Get("/v1/quarantine/q?collection=notes", "rita")), "");
  const char* const release = R"({"collection":"notes","version":"1:42"})";
  EXPECT_EQ(Mistakes(one + "/release", "post", server_.Post("/v1/quarantine/q/release", release, "rita")), "");
  EXPECT_EQ(
      Mistakes(one + "/rerun", "post", server_.Post("/v1/quarantine/q/rerun", R"({"collection":"notes"})", "rita")),
      "");
  EXPECT_EQ(Mistakes("/healthz", "get", server_.Get("/healthz")), "");
  EXPECT_EQ(Mistakes("/readyz", "get", server_.Get("/readyz")), "");
  server_.unready = {"unavailable: not yet"};
  EXPECT_EQ(Mistakes("/readyz", "get", server_.Get("/readyz")), "");
}

TEST_F(OpenApiTest, DescribesProblems) {
  const auto result = server_.Post("/v1/search", "{}", "ada");
  EXPECT_EQ(SchemaMistakes(Json::parse(result->body), openapi_, std::string("#/components/schemas/Problem")), "");
}

// What it allows is accepted, what it forbids is refused.
TEST_F(OpenApiTest, DescribesRequestsAsTheyAreRead) {
  server_.Settle();
  const char* const requests[] = {R"({"query": "x"})",
                                  R"({"question": "x"})",
                                  R"({"query": "x", "question": "x"})",
                                  R"({"query": ""})",
                                  R"({})",
                                  R"({"query": "x", "collections": ["policies"]})",
                                  R"({"query": "x", "collections": "policies"})",
                                  R"({"query": "x", "collections": 7})",
                                  R"({"query": "x", "top_k": 1})",
                                  R"({"query": "x", "top_k": 100})",
                                  R"({"query": "x", "top_k": 0})",
                                  R"({"query": "x", "top_k": 101})",
                                  R"({"query": "x", "top_k": "1"})",
                                  R"({"query": "x", "mode": "vector"})",
                                  R"({"query": "x", "mode": "other"})",
                                  R"({"query": "x", "filters": {"a": "b", "c": ["d"]}})",
                                  R"({"query": "x", "filters": {"a": []}})",
                                  R"({"query": "x", "filters": {"a": 7}})",
                                  R"({"query": "x", "filters": {"effective": {"from": "2024-01-01"}}})",
                                  R"({"query": "x", "filters": {"effective": {"since": "2024-01-01"}}})",
                                  R"({"query": "x", "filters": {"patient": ["MRN-1"]}})",
                                  R"({"query": "x", "filters": {"patient": []}})",
                                  R"({"query": "x", "snippet": 20})",
                                  R"({"query": "x", "snippet": 2001})",
                                  R"({"query": "x", "neighbours": 5})",
                                  R"({"query": "x", "neighbours": 6})",
                                  R"({"query": "x", "rerank": true})",
                                  R"({"query": "x", "rerank": 1})",
                                  R"({"query": "x", "max_staleness_ms": 0.5})",
                                  R"({"query": "x", "max_staleness_ms": -1})",
                                  R"({"query": "x", "max_staleness_ms": 1e13})",
                                  R"({"query": "x", "on_stale": "warn"})",
                                  R"({"query": "x", "on_stale": "ignore"})",
                                  R"({"query": "x", "after": 7})",
                                  R"({"query": "x", "unknown": 7})"};
  for (const char* request : requests) {
    const bool allowed = RequestMistakes(request).empty();
    EXPECT_EQ(server_.Post("/v1/search", request, "ada")->status, allowed ? 200 : 400) << request;
  }
}

// The checker itself must be able to find a mistake.
TEST_F(OpenApiTest, TheCheckerFindsMistakes) {
  EXPECT_EQ(SchemaMistakes(Json{{"status", "alive"}}, openapi_, std::string("#/components/schemas/Alive")), "");
  EXPECT_EQ(SchemaMistakes(Json{{"status", "dead"}}, openapi_, std::string("#/components/schemas/Alive")),
            "/status is another value\n");
  EXPECT_EQ(SchemaMistakes(Json{{"status", "alive"}, {"more", 1}}, openapi_, std::string("#/components/schemas/Alive")),
            "/more is not described\n");
  EXPECT_EQ(SchemaMistakes(Json::object(), openapi_, std::string("#/components/schemas/Alive")), " lacks status\n");
}

}  // namespace
}  // namespace freshet::query
