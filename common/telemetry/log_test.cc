#include "common/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "common/base/origin.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Time kNow = *ParseTime("2026-01-31T09:30:00.125Z");

std::vector<std::string> LinesOf(const std::ostringstream& out) {
  std::vector<std::string> lines;
  std::istringstream in(out.str());
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(LogTest, ALineIsATimeALevelASentenceAndFields) {
  std::ostringstream out;
  Logger logger({}, &out);
  logger.Write(kNow, LogLevel::kWarning, "Connector stopped.",
               {{"source", SourceName("policies")},
                {"error", Code::kTimeout},
                {"after", 90s},
                {"tries", 3},
                {"share", 0.25},
                {"lane", Lane::kUrgent},
                {"offset", Offset(7)},
                {"version", Version{1, 42, 0}},
                {"final", true},
                {"at", kNow},
                {"topic", Coordinate("freshet.x.clean")}});
  EXPECT_EQ(out.str(),
            "2026-01-31T09:30:00.125Z WARNING Connector stopped. source=policies error=timeout after=90s tries=3 "
            "share=0.25 lane=urgent offset=7 version=1:42 final=true at=2026-01-31T09:30:00.125Z "
            "topic=freshet.x.clean\n");
}

TEST(LogTest, JsonLinesAreJson) {
  std::ostringstream out;
  Logger logger({.format = LogFormat::kJson}, &out);
  logger.Write(kNow, LogLevel::kError, "Stage halted.",
               {{"error", Status(Code::kDiskFull, "a \"quoted\"\n\x01 path")}, {"tries", -3}, {"open", false}});
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["time"], "2026-01-31T09:30:00.125Z");
  EXPECT_EQ(json["level"], "ERROR");
  EXPECT_EQ(json["message"], "Stage halted.");
  EXPECT_EQ(json["error"], "disk_full: a \"quoted\"\n\x01 path");
  EXPECT_EQ(json["tries"], -3);
  EXPECT_EQ(json["open"], false);
}

TEST(LogTest, NoValueCanForgeALineOrAField) {
  std::ostringstream out;
  Logger logger({}, &out);
  logger.Write(kNow, LogLevel::kInfo, "Read.", {{"path", Coordinate("a\nERROR Forged. x=1 \x1b[31m")}});
  ASSERT_EQ(LinesOf(out).size(), 1u);
  EXPECT_THAT(out.str(), HasSubstr("path=\"a\\nERROR Forged. x=1 \\u001b[31m\""));
}

TEST(LogTest, LongAndBrokenValuesAreCut) {
  std::ostringstream out;
  Logger logger({}, &out);
  std::string umlauts;
  for (int i = 0; i < 1'000; ++i) umlauts += "ü";
  logger.Write(kNow, LogLevel::kInfo, "Read.", {{"path", Coordinate(umlauts)}, {"topic", Coordinate("\xff\xfe")}});
  EXPECT_LT(out.str().size(), 350u);
  EXPECT_THAT(out.str(), HasSubstr("ü… topic=\"(not UTF-8)\""));
}

TEST(LogTest, LinesBelowTheLevelAreNotWritten) {
  std::ostringstream out;
  Logger logger({.level = LogLevel::kWarning}, &out);
  logger.Write(kNow, LogLevel::kInfo, "Ready.", {});
  EXPECT_EQ(out.str(), "");
  EXPECT_FALSE(logger.Takes(LogLevel::kInfo));
  logger.Configure({.level = LogLevel::kDebug});
  logger.Write(kNow, LogLevel::kDebug, "Ready.", {});
  EXPECT_THAT(out.str(), HasSubstr("DEBUG Ready."));
  logger.Configure({.level = LogLevel::kNone});
  EXPECT_FALSE(logger.Takes(LogLevel::kError));
}

TEST(LogTest, ASentenceThatRepeatsIsHeldBackAndCounted) {
  std::ostringstream out;
  Logger logger({}, &out);
  for (int i = 0; i < 25; ++i) logger.Write(kNow + i * 1ms, LogLevel::kWarning, "Append failed.", {{"try", i}});
  logger.Write(kNow, LogLevel::kInfo, "Another.", {});
  EXPECT_EQ(LinesOf(out).size(), 11u);
  logger.Write(kNow + 10s, LogLevel::kWarning, "Append failed.", {{"try", 25}});
  EXPECT_THAT(LinesOf(out).back(), HasSubstr("Append failed. try=25 repeated=15"));
  logger.Write(kNow + 20s, LogLevel::kWarning, "Append failed.", {{"try", 26}});
  EXPECT_THAT(LinesOf(out).back(), testing::EndsWith("try=26"));
}

TEST(LogTest, AClockThatGoesBackDoesNotSilence) {
  std::ostringstream out;
  Logger logger({}, &out);
  for (int i = 0; i < 11; ++i) logger.Write(kNow, LogLevel::kInfo, "Read.", {});
  logger.Write(kNow - 1h, LogLevel::kInfo, "Read.", {});
  EXPECT_EQ(LinesOf(out).size(), 11u);
}

TEST(LogTest, ThreadsWriteWholeLines) {
  std::ostringstream out;
  Logger logger({}, &out);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) logger.Write(kNow + i * 10s, LogLevel::kInfo, "Read.", {{"number", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& line : LinesOf(out)) EXPECT_THAT(line, HasSubstr(" INFO Read. number="));
}

// What may stand in a line is decided when it is compiled.
template <class T>
concept Loggable = requires(T value) {
  LogField("key", value);
};
static_assert(Loggable<SourceName> && Loggable<DocumentId> && Loggable<Status> && Loggable<Code> && Loggable<Lane>);
static_assert(Loggable<int> && Loggable<uint64_t> && Loggable<bool> && Loggable<std::chrono::milliseconds>);
static_assert(!Loggable<std::string> && !Loggable<std::string_view> && !Loggable<const char*> && !Loggable<PatientId>);

}  // namespace
}  // namespace freshet
