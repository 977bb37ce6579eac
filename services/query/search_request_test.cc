// POST /v1/search, the request: every field of API.md, and everything that is none of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/query/search.h"

namespace freshet::query {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

SearchRequest Parse(std::string_view text) {
  const Result<SearchRequest> request = ParseSearchRequest(text);
  EXPECT_TRUE(request.ok()) << text << ": " << request.status().ToString();
  return request.ok() ? *request : SearchRequest{};
}

// The message of the refusal, "" where there is none.
std::string Refused(std::string_view text) {
  const Result<SearchRequest> request = ParseSearchRequest(text);
  if (request.ok()) return "";
  EXPECT_EQ(request.code(), Code::kInvalidArgument) << text;
  return request.status().message();
}

std::string WithKey(const std::string& key, const std::string& value) {
  return R"({"query": "x", ")" + key + "\": " + value + "}";
}

TEST(SearchRequest, TheExampleOfTheContract) {
  const VersionToken token{{SourceName("files"), CollectionName("policies"), DocumentId("a.md")}, {1, 42, 7}};
  const SearchRequest request = Parse(R"({"query": "contact precautions for C. difficile",
      "collections": ["policies"], "top_k": 10, "mode": "hybrid",
      "filters": {"department": ["infection-control"], "effective": {"from": "2024-01-01"}},
      "max_staleness_ms": 5000, "on_stale": "warn", "after": ")" +
                                      token.Encode() + "\"}");
  EXPECT_EQ(request.query, "contact precautions for C. difficile");
  EXPECT_EQ(request.collections, std::vector{CollectionName("policies")});
  EXPECT_EQ(request.top_k, 10u);
  EXPECT_EQ(request.mode, Mode::kHybrid);
  EXPECT_EQ(request.filters.attributes,
            (std::map<std::string, std::vector<std::string>>{{"department", {"infection-control"}}}));
  EXPECT_EQ(FormatTime(*request.filters.effective_from), "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(request.filters.effective_to, std::nullopt);
  EXPECT_EQ(request.max_staleness, 5s);
  EXPECT_EQ(request.on_stale, OnStale::kWarn);
  EXPECT_EQ(request.after->document, token.document);
  EXPECT_EQ(request.after->version, token.version);
}

TEST(SearchRequest, AQuestionAloneHasTheDefaults) {
  for (const char* text : {R"({"query": "x"})", R"({"question": "x"})",
                           R"({"query": "x", "top_k": null, "filters": null, "mode": null, "after": null})"}) {
    const SearchRequest request = Parse(text);
    EXPECT_EQ(request.query, "x");
    EXPECT_TRUE(request.collections.empty());
    EXPECT_EQ(request.top_k, 10u);
    EXPECT_EQ(request.mode, Mode::kHybrid);
    EXPECT_EQ(request.max_staleness, std::nullopt);
    EXPECT_EQ(request.on_stale, OnStale::kWarn);
    EXPECT_EQ(request.after, std::nullopt);
    EXPECT_TRUE(request.filters.attributes.empty());
  }
}

TEST(SearchRequest, ModesAndWhatToDoWhenStale) {
  EXPECT_EQ(Parse(WithKey("mode", "\"lexical\"")).mode, Mode::kLexical);
  EXPECT_EQ(Parse(WithKey("mode", "\"vector\"")).mode, Mode::kVector);
  EXPECT_EQ(Parse(WithKey("on_stale", "\"refuse\"")).on_stale, OnStale::kRefuse);
  for (const char* value : {"\"\"", "\"Hybrid\"", "\"bm25\"", "1", "[]", "{}", "true"}) {
    EXPECT_THAT(Refused(WithKey("mode", value)), HasSubstr("\"mode\"")) << value;
    EXPECT_THAT(Refused(WithKey("on_stale", value)), HasSubstr("\"on_stale\"")) << value;
  }
}

TEST(SearchRequest, TopKIsAWholeNumberFromOneToAHundred) {
  EXPECT_EQ(Parse(WithKey("top_k", "1")).top_k, 1u);
  EXPECT_EQ(Parse(WithKey("top_k", "100")).top_k, 100u);
  for (const char* value : {"0", "-1", "101", "9223372036854775807", "18446744073709551615", "18446744073709551616",
                            "-9223372036854775808", "1e3", "1.5", "10.0", "\"10\"", "[10]", "true", "{}"}) {
    EXPECT_EQ(Refused(WithKey("top_k", value)), "\"top_k\" must be a whole number from 1 to 100") << value;
  }
}

TEST(SearchRequest, OnePerDocumentIsAFlag) {
  EXPECT_FALSE(Parse(R"({"query": "x"})").one_per_document);
  EXPECT_TRUE(Parse(WithKey("one_per_document", "true")).one_per_document);
  EXPECT_FALSE(Parse(WithKey("one_per_document", "false")).one_per_document);
  for (const char* value : {"1", "\"true\"", "[]"}) {
    EXPECT_THAT(Refused(WithKey("one_per_document", value)), HasSubstr("one_per_document"));
  }
}

TEST(SearchRequest, WhatIsShownBesideAHitIsAskedFor) {
  const SearchRequest plain = ParseSearchRequest(R"({"query": "x"})").value();
  EXPECT_EQ(plain.snippet, 0u);
  EXPECT_EQ(plain.neighbours, 0u);
  EXPECT_EQ(plain.rerank, std::nullopt);
  const SearchRequest all =
      ParseSearchRequest(R"({"query": "x", "snippet": 160, "neighbours": 2, "rerank": false})").value();
  EXPECT_EQ(all.snippet, 160u);
  EXPECT_EQ(all.neighbours, 2u);
  EXPECT_EQ(all.rerank, false);
  for (const char* wrong : {R"("snippet": 19)", R"("snippet": 2001)", R"("snippet": true)", R"("neighbours": 6)",
                            R"("neighbours": -1)", R"("neighbours": 1.5)", R"("rerank": 1)", R"("rerank": "yes")"}) {
    EXPECT_EQ(ParseSearchRequest(std::string(R"({"query": "x", )") + wrong + "}").code(), Code::kInvalidArgument)
        << wrong;
  }
}

TEST(SearchRequest, StalenessIsAnyNumberOfMilliseconds) {
  EXPECT_EQ(Parse(WithKey("max_staleness_ms", "0")).max_staleness, 0s);
  EXPECT_EQ(Parse(WithKey("max_staleness_ms", "5000.0")).max_staleness, 5s);
  EXPECT_EQ(Parse(WithKey("max_staleness_ms", "0.5")).max_staleness, 500us);
  EXPECT_EQ(Parse(WithKey("max_staleness_ms", "1000000000000")).max_staleness, Duration(1'000'000'000'000'000));
  for (const char* value : {"-1", "-0.001", "1000000000001", "1e300", "\"5s\"", "[]", "true"}) {
    EXPECT_THAT(Refused(WithKey("max_staleness_ms", value)), HasSubstr("\"max_staleness_ms\"")) << value;
  }
}

TEST(SearchRequest, CollectionsAreAListOrOne) {
  EXPECT_EQ(Parse(WithKey("collections", R"(["a", "b"])")).collections.size(), 2u);
  EXPECT_EQ(Parse(WithKey("collections", R"("a")")).collections, std::vector{CollectionName("a")});
  EXPECT_TRUE(Parse(WithKey("collections", "[]")).collections.empty());
  for (const char* value : {"7", "{}", "[7]", "[[]]", R"(["a", null])", "true"}) {
    EXPECT_THAT(Refused(WithKey("collections", value)), HasSubstr("\"collections\"")) << value;
  }
}

TEST(SearchRequest, FiltersAreValuesOfAttributes) {
  const auto filters = Parse(WithKey("filters", R"({"department": ["a", "b"], "kind": "policy"})")).filters;
  EXPECT_EQ(filters.attributes,
            (std::map<std::string, std::vector<std::string>>{{"department", {"a", "b"}}, {"kind", {"policy"}}}));
  for (const char* value : {"7", "[]", "\"x\"", "true"}) {
    EXPECT_THAT(Refused(WithKey("filters", value)), HasSubstr("\"filters\"")) << value;
  }
  // A filter that says nothing must not mean that everything fits.
  for (const char* value : {"[]", "7", "{}", "null", "[7]", "[null]", "true"}) {
    EXPECT_THAT(Refused(WithKey("filters", R"({"department": )" + std::string(value) + "}")),
                HasSubstr("\"filters.department\""))
        << value;
  }
}

TEST(SearchRequest, EffectiveIsARangeWithBothEndsIn) {
  const auto filters =
      Parse(WithKey("filters", R"({"effective": {"from": "2024-01-01", "to": "2024-01-31"}})")).filters;
  EXPECT_EQ(FormatTime(*filters.effective_from), "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(*filters.effective_to), "2024-01-31T23:59:59.999Z") << "the whole day";
  EXPECT_EQ(
      FormatTime(
          *Parse(WithKey("filters", R"({"effective": {"to": "2024-01-31T10:00:00+01:00"}})")).filters.effective_to),
      "2024-01-31T09:00:00.000Z");
  const char* const bad[] = {R"("2024")",
                             R"(["2024-01-01"])",
                             R"({"from": 2024})",
                             R"({"from": "yesterday"})",
                             R"({"to": "2024-13-01"})",
                             R"({"since": "2024-01-01"})",
                             R"({"from": "2024-02-01", "to": "2024-01-01"})",
                             "null",
                             "7"};
  for (const char* value : bad) {
    EXPECT_THAT(Refused(WithKey("filters", R"({"effective": )" + std::string(value) + "}")),
                HasSubstr("filters.effective"))
        << value;
  }
}

TEST(SearchRequest, UnknownKeysAreRefusedAndNotRepeated) {
  for (const char* key : {"filter", "topk", "Query", "", "max_staleness", "tenant", "user"}) {
    const std::string message = Refused(WithKey(key, "\"secret-value\""));
    EXPECT_THAT(message, HasSubstr("query, collections, top_k, mode, filters, max_staleness_ms, on_stale, after"))
        << key;
    EXPECT_THAT(message, ::testing::Not(HasSubstr("secret-value")));
  }
}

TEST(SearchRequest, OneQuestionThatIsNotBlank) {
  for (const char* text :
       {"{}", R"({"query": ""})", R"({"query": null})", R"({"query": " \t\r\n"})", R"({"top_k": 3})"}) {
    EXPECT_EQ(Refused(text), "\"query\" must not be empty") << text;
  }
  for (const char* value : {"7", "[]", "{}", "true", R"(["x"])"}) {
    EXPECT_EQ(Refused("{\"query\": " + std::string(value) + "}"), "\"query\" must be text") << value;
  }
  EXPECT_THAT(Refused(R"({"query": "a", "question": "b"})"), HasSubstr("give one of them"));
}

TEST(SearchRequest, ALongQuestionIsRefused) {
  EXPECT_EQ(Parse(Json{{"query", std::string(kMaxQueryBytes, 'x')}}.dump()).query.size(), kMaxQueryBytes);
  EXPECT_THAT(Refused(Json{{"query", std::string(kMaxQueryBytes + 1, 'x')}}.dump()), HasSubstr("16384 bytes"));
  EXPECT_THAT(Refused(Json{{"query", std::string(1'000'000, 'x')}}.dump()), HasSubstr("16384 bytes"));
}

TEST(SearchRequest, ControlCharactersAreTextLikeAnyOther) {
  EXPECT_EQ(Parse(R"({"query": "a\u0000b\u001b[2J\n"})").query, std::string("a\0b\x1b[2J\n", 8));
  EXPECT_NE(Refused("{\"query\": \"a\nb\"}"), "") << "JSON has no raw control characters";
}

TEST(SearchRequest, WhatIsNoJsonObjectIsRefused) {
  const std::string deep(500'000, '[');
  for (const std::string& text : {std::string(), std::string("null"), std::string("[]"), std::string("7"),
                                  std::string("\"query\""), std::string("{"), std::string("{} {}"),
                                  std::string("{\"query\": \"\xff\"}"), std::string("{\"query\": \"\\ud800\"}"),
                                  std::string("{'query': 'x'}"), deep, std::string("{\"query\":") + deep}) {
    EXPECT_EQ(Refused(text), "the body must be one JSON object") << text.substr(0, 40);
  }
}

TEST(VersionToken, IsReadBackAndNothingElseIs) {
  const VersionToken token{{SourceName("a/b"), CollectionName(std::string("c\0d", 3)), DocumentId("")},
                           {UINT64_MAX, 0, 3}};
  const std::string text = token.Encode();
  EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos) << "fits into any URL and header";
  const Result<VersionToken> read = VersionToken::Decode(text);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->document, token.document);
  EXPECT_EQ(read->version, token.version);
  for (const std::string& bad : {std::string(), text.substr(0, text.size() - 2), text + "00", std::string("xyz"),
                                 text.substr(0, text.size() - 1), std::string("1:42")}) {
    EXPECT_EQ(VersionToken::Decode(bad).code(), Code::kInvalidArgument) << bad;
    EXPECT_THAT(Refused(WithKey("after", "\"" + bad + "\"")), HasSubstr("\"after\"")) << bad;
  }
  for (const char* value : {"7", "{}", "[]"}) EXPECT_THAT(Refused(WithKey("after", value)), HasSubstr("\"after\""));
}

}  // namespace
}  // namespace freshet::query
