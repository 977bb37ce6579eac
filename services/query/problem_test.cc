// Problem details: the fields of RFC 9457 and of API.md, and a status for every code that can reach a caller.
#include "services/query/problem.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace freshet::query {
namespace {

using Json = nlohmann::json;

TEST(Problem, HasExactlyTheFieldsOfTheContract) {
  const Json problem = Json::parse(ProblemJson(Status(Code::kInvalidArgument, "\"top_k\" is wrong"), "4bf9"));
  EXPECT_EQ(problem, Json::parse(R"({"type": "urn:freshet:problem:invalid_argument",
      "title": "A request or an argument is malformed.", "status": 400, "code": "invalid_argument",
      "detail": "\"top_k\" is wrong", "trace_id": "4bf9"})"));
}

TEST(Problem, EveryCodeHasAStatusOfAnErrorAndATitle) {
  for (const CodeRow& row : AllCodes()) {
    if (row.code == Code::kOk) {
      EXPECT_EQ(HttpStatusOf(row.code), 200);
      continue;
    }
    const int status = HttpStatusOf(row.code);
    const Json problem = Json::parse(ProblemJson(Status(row.code), ""));
    EXPECT_EQ(problem["status"], status) << row.name;
    EXPECT_EQ(problem["title"], row.meaning) << row.name;
    EXPECT_EQ(problem["code"], row.name);
    // A caller's mistake is 4xx, but for what its own limits made of an answer; everything else is ours.
    const bool callers = row.disposition == Disposition::kReject && row.code != Code::kStale;
    const std::set<Code> also = {Code::kDocumentTooLarge, Code::kBackpressure};
    EXPECT_EQ(status / 100, callers || also.contains(row.code) ? 4 : 5) << row.name;
  }
}

TEST(Problem, StatusesOfTheCodesThatCallersMeet) {
  const std::pair<Code, int> rows[] = {
      {Code::kInvalidArgument, 400}, {Code::kUnauthenticated, 401},  {Code::kPermissionDenied, 403},
      {Code::kNotFound, 404},        {Code::kDocumentTooLarge, 413}, {Code::kBackpressure, 429},
      {Code::kStale, 503},           {Code::kUnavailable, 503},      {Code::kDiskFull, 503},
      {Code::kTimeout, 504},         {Code::kInternalError, 500},    {Code::kCorruptStore, 500}};
  for (const auto& [code, status] : rows) EXPECT_EQ(HttpStatusOf(code), status) << NameOf(code);
}

TEST(Problem, BodyAndAnswerSayTheSameStatusAlsoWhereHttpItselfRefuses) {
  EXPECT_EQ(Json::parse(ProblemJson(Status(Code::kInvalidArgument), "", 414))["status"], 414);
}

TEST(Problem, ADetailOfAnyBytesStaysJson) {
  const Json problem = Json::parse(ProblemJson(Status(Code::kNotFound, "a\xff\"\n\x01"), "\xfe"));
  EXPECT_EQ(problem["code"], "not_found");
}

}  // namespace
}  // namespace freshet::query
