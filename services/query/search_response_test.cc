// POST /v1/search, the answer: exactly the fields of API.md, in their form.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/query/search.h"

namespace freshet::query {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

const Time kNow = Time(1'700'000'000s);

SearchHit Hit() {
  return {.document = DocumentId("precautions.md"),
          .collection = CollectionName("policies"),
          .title = "Precautions",
          .uri = "file:///precautions.md",
          .passage = {.section = {"Contact", "Gowns"},
                      .block = 12,
                      .place_begin = 3401,
                      .place_end = 3688,
                      .text = "Wear a gown."},
          .score = 0.75f,
          .lexical = 7.5f,
          .vector = 0.5f,
          .attributes = {{"department", {"infection-control", "surgery"}}},
          .version = {1, 42},
          .committed = kNow - 10s,
          .searchable = kNow - 9s};
}

SearchResponse Response() {
  SearchResponse response{.hits = {Hit()},
                          .now = kNow,
                          .as_of = kNow - 180ms,
                          .access_as_of = kNow - 50ms,
                          .incomplete = {{CollectionName("policies"), Code::kMalformedDocument, 3}},
                          .warnings = {"stale: the index is staler than max_staleness_ms allows"},
                          .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
                          .took_ms = {{"embed", 3.1}, {"vector", 0.6}, {"lexical", 0.5}, {"resolve", 0.2}}};
  response.took_ms.emplace_back("total", 4.6004999);
  response.collections.push_back({.name = CollectionName("policies"), .as_of = kNow - 180ms, .generation = 2});
  return response;
}

TEST(SearchResponse, IsTheContractToTheLetter) {
  EXPECT_EQ(Json::parse(ToJson(Response())), Json::parse(R"({
      "hits": [{"document_id": "precautions.md", "collection": "policies", "title": "Precautions",
                "uri": "file:///precautions.md", "section": ["Contact", "Gowns"],
                "place": {"block": 12, "start": 3401, "end": 3688}, "text": "Wear a gown.", "score": 0.75,
                "scores": {"lexical": 7.5, "vector": 0.5},
                "attributes": {"department": ["infection-control", "surgery"]}, "version": "1:42",
                "committed_at": "2023-11-14T22:13:10.000Z", "searchable_at": "2023-11-14T22:13:11.000Z"}],
      "as_of": "2023-11-14T22:13:19.820Z", "access_as_of": "2023-11-14T22:13:19.950Z", "staleness_ms": 180,
      "incomplete": [{"collection": "policies", "code": "malformed_document", "documents": 3}],
      "collections": [{"name": "policies", "as_of": "2023-11-14T22:13:19.820Z", "staleness_ms": 180, "generation": 2}],
      "warnings": ["stale: the index is staler than max_staleness_ms allows"],
      "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
      "took_ms": {"embed": 3.1, "vector": 0.6, "lexical": 0.5, "resolve": 0.2, "total": 4.6}})"));
}

TEST(SearchResponse, WhatWasAskedForBesideAHit) {
  SearchResponse response = Response();
  EXPECT_FALSE(Json::parse(ToJson(response))["hits"][0].contains("snippet"));
  EXPECT_FALSE(Json::parse(ToJson(response))["hits"][0].contains("neighbours"));
  SearchHit& hit = response.hits[0];
  hit.reranked = 0.25f;
  hit.snippet = HitSnippet{.place_begin = 3406, .place_end = 3412, .text = "a gown", .matches = {{3408, 3412}}};
  hit.before = {{.section = {"Contact"}, .block = 11, .place_begin = 3390, .place_end = 3400, .text = "Wash hands."}};
  const Json json = Json::parse(ToJson(response))["hits"][0];
  EXPECT_EQ(json["scores"]["rerank"], 0.25);
  EXPECT_EQ(json["snippet"], Json::parse(R"({"start": 3406, "end": 3412, "text": "a gown",
                                             "matches": [{"start": 3408, "end": 3412}]})"));
  EXPECT_EQ(json["neighbours"], Json::parse(R"({"before": [{"section": ["Contact"], "text": "Wash hands.",
      "place": {"block": 11, "start": 3390, "end": 3400}}], "after": []})"));
}

TEST(SearchResponse, FieldsStandInTheOrderOfTheContract) {
  const auto object = nlohmann::ordered_json::parse(ToJson(Response()));
  std::vector<std::string> keys, hit_keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  for (const auto& [key, value] : object["hits"][0].items()) hit_keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"hits", "as_of", "access_as_of", "staleness_ms", "incomplete",
                                            "collections", "warnings", "trace_id", "took_ms"}));
  EXPECT_EQ(hit_keys,
            (std::vector<std::string>{"document_id", "collection", "title", "uri", "section", "place", "text", "score",
                                      "scores", "attributes", "version", "committed_at", "searchable_at"}));
}

TEST(SearchResponse, WhatIsNotKnownIsNullAndListsAreNeverAbsent) {
  SearchResponse response{.now = kNow};
  response.collections.push_back({.name = CollectionName("policies")});
  const Json object = Json::parse(ToJson(response));
  for (const char* key : {"as_of", "access_as_of", "staleness_ms"}) EXPECT_TRUE(object[key].is_null()) << key;
  for (const char* key : {"hits", "incomplete", "warnings"}) EXPECT_EQ(object[key], Json::array()) << key;
  EXPECT_EQ(object["took_ms"], Json::object());
  EXPECT_TRUE(object["collections"][0]["as_of"].is_null());
  EXPECT_TRUE(object["collections"][0]["staleness_ms"].is_null());
}

TEST(SearchResponse, AHitHasTheScoresOfTheSearchesThatFoundIt) {
  SearchResponse response = Response();
  response.hits[0].lexical.reset();
  response.hits[0].attributes.clear();
  const Json hit = Json::parse(ToJson(response))["hits"][0];
  EXPECT_EQ(hit["scores"], Json::parse(R"({"vector": 0.5})"));
  EXPECT_EQ(hit["attributes"], Json::object());
  EXPECT_FALSE(hit.contains("outdated"));
}

TEST(SearchResponse, AHitBehindASkippedVersionSaysSo) {
  SearchResponse response = Response();
  response.hits[0].outdated = true;
  EXPECT_EQ(Json::parse(ToJson(response))["hits"][0]["outdated"], true);
}

TEST(SearchResponse, AClockAheadOfOursIsNotStalerThanNow) {
  SearchResponse response = Response();
  response.as_of = kNow + 5s;
  EXPECT_EQ(Json::parse(ToJson(response))["staleness_ms"], 0);
}

TEST(SearchResponse, TextOfAnyBytesStaysJson) {
  SearchResponse response = Response();
  response.hits[0].passage.text = "\"quoted\" \xff\x01\n\u2028";
  response.hits[0].title = std::string("a\0b", 3);
  const Json hit = Json::parse(ToJson(response))["hits"][0];
  EXPECT_EQ(hit["title"].get<std::string>(), std::string("a\0b", 3));
  EXPECT_EQ(hit["text"].get<std::string>(), "\"quoted\" \uFFFD\x01\n\u2028");
}

}  // namespace
}  // namespace freshet::query
