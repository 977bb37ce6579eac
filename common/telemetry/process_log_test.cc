// The process's own log: to standard error, and only there; and lines that stay JSON whatever their values are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "common/base/utf8.h"
#include "common/telemetry/log.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

auto LinesIn(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

class ProcessLogTest : public testing::Test {
 protected:
  void TearDown() override { ConfigureLogging({}); }
};

TEST_F(ProcessLogTest, WritesToStandardErrorAndNothingElse) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  Log(LogLevel::kInfo, "Ready.", {{"sources", 2}});
  Log(LogLevel::kError, "Without fields.");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, HasSubstr(" INFO Ready. sources=2\n"));
  EXPECT_THAT(lines, testing::EndsWith(" ERROR Without fields.\n"));
}

TEST_F(ProcessLogTest, IsConfiguredWhileItRuns) {
  testing::internal::CaptureStderr();
  ConfigureLogging({.level = LogLevel::kError, .format = LogFormat::kJson});
  Log(LogLevel::kWarning, "Not told.");
  Log(LogLevel::kError, "Told.");
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_EQ(nlohmann::json::parse(lines)["message"], "Told.") << lines;
}

TEST_F(ProcessLogTest, TheTimeIsNow) {
  testing::internal::CaptureStderr();
  const Time before = SystemClock().Now();
  Log(LogLevel::kInfo, "The time.");
  const std::string line = testing::internal::GetCapturedStderr();
  const Result<Time> told = ParseTime(line.substr(0, line.find(' ')));
  ASSERT_TRUE(told.ok()) << line;
  EXPECT_LE(before - *told, std::chrono::milliseconds(1));
  EXPECT_LE(*told, SystemClock().Now());
}

// Every single character, and random mixtures of all: a line stays one line and one JSON object with the same value.
TEST(LogJsonTest, AnyTextSurvives) {
  std::mt19937_64 random(23);
  std::vector<std::string> texts;
  for (char32_t c = 0; c < 0x180; ++c) AppendUtf8(texts.emplace_back(), c);
  for (int i = 0; i < 500; ++i) {
    std::string& text = texts.emplace_back();
    for (size_t length = random() % 30; length > 0; --length) AppendUtf8(text, random() % 0x250);
  }
  for (const std::string& text : texts) {
    std::ostringstream out;
    Logger logger({.format = LogFormat::kJson}, &out);
    logger.Write(Time(), LogLevel::kInfo, "Read.", {{"path", Coordinate(text)}});
    EXPECT_EQ(LinesIn(out.str()), 1);
    const auto json = nlohmann::json::parse(out.str(), nullptr, false);
    ASSERT_TRUE(json.is_object()) << out.str();
    EXPECT_EQ(json["path"], text);
  }
}

TEST(LogTextTest, AnyTextStaysInItsField) {
  for (const char* text : {"a b", "a=b", "", "a\tb", "\"", "\\", "a\r\nb", " "}) {
    std::ostringstream out;
    Logger logger({}, &out);
    logger.Write(Time(), LogLevel::kInfo, "Read.", {{"path", Coordinate(text)}, {"next", 1}});
    EXPECT_EQ(LinesIn(out.str()), 1) << text;
    EXPECT_THAT(out.str(), HasSubstr(" path=\""));
    EXPECT_THAT(out.str(), testing::EndsWith("\" next=1\n"));
  }
}

TEST(LogNumberTest, NumbersThatAreNoneAreText) {
  std::ostringstream out;
  Logger logger({.format = LogFormat::kJson}, &out);
  logger.Write(Time(), LogLevel::kInfo, "Measured.",
               {{"nan", std::nan("")}, {"infinite", INFINITY}, {"large", UINT64_MAX}, {"small", INT64_MIN}});
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["nan"], "nan");
  EXPECT_EQ(json["infinite"], "inf");
  EXPECT_EQ(json["large"], UINT64_MAX);
  EXPECT_EQ(json["small"], INT64_MIN);
}

}  // namespace
}  // namespace freshet
