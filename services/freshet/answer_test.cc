// Reading answers leniently, and failing so that scripts can tell.
#include "services/freshet/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace freshet {
namespace {

using Json = nlohmann::json;

TEST(AnswerTest, WhatIsThereIsRead) {
  const Json object = Json::parse(R"({"text": "a", "number": 4.5, "whole": 3, "part": {"x": 1}, "list": [1, 2]})");
  EXPECT_EQ(TextAt(object, "text"), "a");
  EXPECT_EQ(NumberAt(object, "number"), 4.5);
  EXPECT_EQ(NumberAt(object, "whole"), 3.0);
  EXPECT_EQ(PartAt(object, "part")["x"], 1);
  EXPECT_EQ(PartAt(object, "list").size(), 2u);
  EXPECT_EQ(MillisAt(object, "number"), "4.5 ms");
}

TEST(AnswerTest, WhatIsNotThereIsEmpty) {
  for (const char* text : {"{}", "[]", "null", "7", R"("x")", R"({"key": null})", R"({"key": {}})"}) {
    const Json object = Json::parse(text);
    EXPECT_EQ(TextAt(object, "key"), "") << text;
    EXPECT_EQ(NumberAt(object, "key"), std::nullopt) << text;
    EXPECT_EQ(MillisAt(object, "key"), "-") << text;
    EXPECT_TRUE(PartAt(object, "key").empty()) << text;
  }
}

TEST(AnswerTest, WhatIsOfAnotherTypeIsEmpty) {
  const Json object = Json::parse(R"({"text": 1, "number": "1", "flag": true})");
  EXPECT_EQ(TextAt(object, "text"), "");
  EXPECT_EQ(NumberAt(object, "number"), std::nullopt);
  EXPECT_EQ(NumberAt(object, "flag"), std::nullopt);
}

TEST(AnswerTest, AnAnswerIsAJsonObject) {
  EXPECT_TRUE(ParseAnswer("{}").ok());
  for (const char* text : {"", "[]", "7", "{", "<html>", "{} {}", "\xff"}) {
    EXPECT_EQ(ParseAnswer(text).code(), Code::kUnavailable) << text;
  }
}

class FailTest : public testing::Test {
 protected:
  std::istringstream in_;
  std::ostringstream out_, err_;
  Terminal terminal_{in_, out_, err_};
};

TEST_F(FailTest, CodesOfUsageAreTwoAllOthersOne) {
  const std::set<Code> usage = {Code::kConfiguration, Code::kInvalidArgument, Code::kUnauthenticated, Code::kKeyMissing,
                                Code::kModelMissing};
  for (const CodeRow& row : AllCodes()) {
    if (row.code == Code::kOk) continue;
    const ExitStatus status = Fail(Status(row.code, "why"), terminal_);
    EXPECT_EQ(status, usage.contains(row.code) ? ExitStatus::kUsage : ExitStatus::kCheckFailed) << row.name;
  }
  EXPECT_EQ(out_.str(), "") << "errors are for standard error";
}

TEST_F(FailTest, WhatAPersonHasToMendNamesItsPage) {
  for (const Code code : {Code::kDiskFull, Code::kCorruptStore}) {
    err_.str("");
    Fail(Status(code), terminal_);
    EXPECT_EQ(err_.str(), "freshet: " + std::string(NameOf(code)) + "\nfreshet: what to do: runbooks/codes/" +
                              std::string(NameOf(code)) + ".md\n");
  }
  err_.str("");
  Fail(Status(Code::kConfiguration, "log.kind: wrong"), terminal_);
  Fail(Status(Code::kTimeout), terminal_);
  EXPECT_EQ(err_.str(), "freshet: configuration: log.kind: wrong\nfreshet: timeout\n");
}

TEST_F(FailTest, WithJsonStandardOutputIsOneValue) {
  EXPECT_EQ(FailCall(Status(Code::kStale, "by \"5 s\""), true, terminal_), ExitStatus::kCheckFailed);
  EXPECT_EQ(Json::parse(out_.str()), Json::parse(R"({"code": "stale", "detail": "by \"5 s\""})"));
  EXPECT_EQ(err_.str(), "freshet: stale: by \"5 s\"\n");
}

TEST_F(FailTest, AServersMessageCannotSteerTheTerminal) {
  FailCall(Status(Code::kStale, "a\x1b[2J\nb"), false, terminal_);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "freshet: stale: a[2J b\n");
}

}  // namespace
}  // namespace freshet
