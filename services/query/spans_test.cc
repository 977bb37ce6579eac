// Requests as spans of their callers' traces: whose, with which links and attributes, and what is not told.
#include <gmock/gmock.h>

#include "services/query/testing/test_server.h"

namespace freshet::query {
namespace {

using freshet::testing::TestServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kChange = "00-0123456789abcdef0123456789abcdef-00f067aa0ba902b7-01";
constexpr const char* kFloor = R"({"query": "floor", "mode": "lexical"})";

class SpansTest : public ::testing::Test {
 protected:
  SpansTest() {
    server_.index.Allow("open", {"user:ada"});
    server_.index.Put({.id = "ward/quillfeather.md", .text = "floor\n", .traceparent = kChange});
    server_.Settle();
  }
  // The answer's traceparent.
  std::string Ask(const std::string& flags, const std::string& body = kFloor, const std::string& token = "token-ada") {
    const httplib::Headers headers = {{"Authorization", "Bearer " + token},
                                      {"traceparent", std::string("00-") + kTrace + "-00f067aa0ba902b7-" + flags}};
    auto client = server_.Client();
    const auto answer = client.Post("/v1/search", headers, body, "application/json");
    EXPECT_TRUE(answer);
    return answer ? answer->get_header_value("traceparent") : "";
  }
  static std::string Print(const Span& span) {
    std::string out = span.name + ":";
    for (const LogField& field : span.attributes) out += " " + std::string(field.key()) + "=" + field.value();
    return out;
  }

  TestServer server_;
};

TEST_F(SpansTest, ARequestIsASpanOfItsCallersTraceWithLinksToWhatItShows) {
  const std::string returned = Ask("01");
  const auto spans = server_.spans.spans();
  ASSERT_EQ(spans.size(), 1u);
  const Span& span = spans[0];
  EXPECT_EQ(span.context.trace_id(), kTrace);
  EXPECT_EQ(span.context.ToString(), returned) << "so that the caller knows which span it was";
  EXPECT_EQ(span.parent, 0x00f067aa0ba902b7u);
  EXPECT_EQ(span.kind, SpanKind::kServer);
  EXPECT_EQ(span.code, Code::kOk);
  EXPECT_EQ(Print(span), "POST /v1/search: http_method=POST http_route=/v1/search http_status=200 code=ok documents=1");
  ASSERT_EQ(span.links.size(), 1u);
  EXPECT_EQ(span.links[0].ToString(), kChange);
}

TEST_F(SpansTest, WhatItsCallerDidNotSampleIsNotToldAndNobodyUnknownIs) {
  EXPECT_THAT(Ask("00"), HasSubstr(kTrace));
  EXPECT_THAT(Ask("01", kFloor, "token-of-nobody"), HasSubstr(kTrace));
  (void)server_.Post("/v1/search", kFloor, "ada");  // a trace of its own, of which none is sampled here
  EXPECT_TRUE(server_.spans.spans().empty());
}

TEST_F(SpansTest, ARefusalIsTheCallersAndADefectIsOurs) {
  Ask("01", "{}");
  server_.audit.Fail(Status(Code::kDiskFull));
  Ask("01");
  const auto spans = server_.spans.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_THAT(Print(spans[0]), HasSubstr("http_status=400 code=invalid_argument"));
  EXPECT_EQ(spans[0].code, Code::kOk) << "of the semantic conventions: a server's span fails by 5xx alone";
  EXPECT_THAT(Print(spans[1]), HasSubstr("http_status=503 code="));
  EXPECT_NE(spans[1].code, Code::kOk);
}

TEST_F(SpansTest, NoDocumentIsNamed) {
  const httplib::Headers headers = {{"Authorization", "Bearer token-ada"}, {"traceparent", kChange}};
  auto client = server_.Client();
  ASSERT_TRUE(client.Get("/v1/documents/ward/quillfeather.md/lineage?collection=policies", headers));
  const auto spans = server_.spans.spans();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_THAT(Print(spans[0]), AllOf(HasSubstr("lineage"), Not(HasSubstr("quillfeather"))));
}

}  // namespace
}  // namespace freshet::query
