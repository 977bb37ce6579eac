// HL7 v2 as the standard writes it, as senders write it, and as no sender should.
#include "common/hl7/message.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "common/hl7/timestamp.h"

namespace freshet::hl7 {
namespace {

constexpr const char* kAdt =
    "MSH|^~\\&|EHR|WARD|FRESHET|HERE|20260131093000||ADT^A01|17|P|2.5\r"
    "PID|1||4711^^^HOSP&1.2.3&ISO^MR~99^^^SSA^SS||QUILL^ADA^M\r"
    "OBX|1|TX|||one\\.br\\two \\F\\ \\S\\ \\T\\ \\R\\ \\E\\ \\H\\bold\\N\\ \\X48690D\\ \\unknown\\end\r";

TEST(Hl7Message, FieldsRepeatsComponentsAndParts) {
  const auto message = Message::Parse(kAdt);
  ASSERT_TRUE(message.ok());
  const Segment& msh = message->segments().front();
  EXPECT_EQ(msh.Field(1), "|");
  EXPECT_EQ(msh.Field(2), "^~\\&");
  EXPECT_EQ(msh.Field(10), "17");
  EXPECT_EQ(msh.Field(99), "");
  const Segment* const pid = message->Find("PID");
  ASSERT_NE(pid, nullptr);
  EXPECT_EQ(message->Repeats(pid->Field(3)).size(), 2u);
  EXPECT_EQ(message->Component(pid->Field(3), 1), "4711");
  EXPECT_EQ(message->Part(pid->Field(3), 4, 2), "1.2.3");
  EXPECT_EQ(message->Component(message->Repeats(pid->Field(3))[1], 5), "SS");
  EXPECT_EQ(message->Words(pid->Field(5)), "QUILL ADA M");
  EXPECT_EQ(message->Find("NK1"), nullptr);
}

TEST(Hl7Message, EscapesAreResolved) {
  const auto message = Message::Parse(kAdt);
  EXPECT_EQ(message->Text(message->Find("OBX")->Field(5)), "one\ntwo | ^ & ~ \\ bold Hi\n end");
  EXPECT_EQ(message->Text("\"\""), "") << "present and empty";
  EXPECT_EQ(message->Text("a\\b"), "a\\b") << "an escape that does not end is none";
}

TEST(Hl7Message, OtherSeparatorsAndLineEnds) {
  const auto message =
      Message::Parse("\xEF\xBB\xBFMSH$%*!@$EHR$$$$20260131$$ORU%R01$1$P$2.3\nPID$1$$7%%%A@B\r\nNTE$1$$x");
  ASSERT_TRUE(message.ok()) << message.status().ToString();
  EXPECT_EQ(message->segments().size(), 3u);
  EXPECT_EQ(message->Part(message->Find("PID")->Field(3), 4, 2), "B");
  EXPECT_EQ(message->Find("NTE")->Field(3), "x");
}

TEST(Hl7Message, TextBecomesUtf8ByItsName) {
  const auto with = [](const std::string& charset, const std::string& name) {
    const auto message =
        Message::Parse("MSH|^~\\&|||||20260131||ADT^A01|1|P|2.5||||||" + charset + "\rPID|1||1||" + name + "\r");
    return message->Component(message->Find("PID")->Field(5), 1);
  };
  EXPECT_EQ(with("8859/1", "M\xFCller"), "Müller");
  EXPECT_EQ(with("8859/15", "\xA4"), "€");
  EXPECT_EQ(with("UNICODE UTF-8", "Müller"), "Müller");
  EXPECT_EQ(with("", "Müller"), "Müller");
  EXPECT_EQ(with("", "M\xFCller"), "Müller") << "no UTF-8: read as ISO 8859-1";
  EXPECT_EQ(with("UNICODE UTF-8", "M\xFCller"), "Müller") << "not what it says";
  EXPECT_EQ(with("NO SUCH", "Müller"), "Müller");
}

// What is composed says what it is, whatever the original was written in, and reads back the same.
TEST(Hl7Message, ComposedOfSomeSegments) {
  const auto message = Message::Parse(
      "MSH|^~\\&|EHR||||20260131||ORU^R01|1|P|2.5||||||8859/1\rPID|1||7||M\xFCller\rNTE|1||\xE9\rOBX|1\r");
  ASSERT_TRUE(message.ok());
  const auto& all = message->segments();
  const std::string text = Compose(*message, {&all[0], &all[1], &all[2]});
  EXPECT_EQ(text, "MSH|^~\\&|EHR||||20260131||ORU^R01|1|P|2.5||||||UNICODE UTF-8\rPID|1||7||Müller\rNTE|1||é\r");
  const auto again = Message::Parse(text);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->Component(again->Find("PID")->Field(5), 1), "Müller");
  EXPECT_EQ(Compose(*again, {&again->segments()[0], &again->segments()[1], &again->segments()[2]}), text);
  const auto brief = Message::Parse("MSH$%*!@$EHR\rPID$1\r");
  EXPECT_EQ(Compose(*brief, {&brief->segments()[0]}), "MSH$%*!@$EHR$$$$$$$$$$$$$$$UNICODE UTF-8\r");
}

TEST(Hl7Message, WhatIsNone) {
  for (const char* text :
       {"", "PID|1", "MSH", "MSH|", "MSH|^", "MSH|^\r~\\&", "MSH|      |||", "MSHU^~\\&U", "MSH-^~\\&-", "MSH|ab|"}) {
    EXPECT_EQ(Message::Parse(text).code(), Code::kMalformedDocument) << text;
  }
  EXPECT_EQ(Message::Parse(std::string(kMostMessageBytes + 1, 'x')).code(), Code::kDocumentTooLarge);
}

TEST(Hl7Message, ABatchIsItsMessages) {
  const std::string one = "MSH|^~\\&|A\rPID|1\r", two = "MSH|^~\\&|B\r";
  EXPECT_EQ(SplitMessages("FHS|^~\\&|X\rBHS|^~\\&|X\r" + one + two + "BTS|2\rFTS|1\r"),
            (std::vector<std::string_view>{one, two}));
  EXPECT_EQ(SplitMessages(one), std::vector<std::string_view>{one});
  EXPECT_TRUE(SplitMessages("PID|1\r").empty());
}

TEST(Hl7Message, Timestamps) {
  const auto time = [](std::string_view text) {
    const auto micros = ParseTimestamp(text);
    return micros.ok() ? FormatTime(FromMicros(*micros)) : "none";
  };
  EXPECT_EQ(time("2026"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(time("20260131"), "2026-01-31T00:00:00.000Z");
  EXPECT_EQ(time("202601310930"), "2026-01-31T09:30:00.000Z");
  EXPECT_EQ(time("20260131093015.25+0230"), "2026-01-31T07:00:15.250Z");
  EXPECT_EQ(time("20260131093015-0500"), "2026-01-31T14:30:15.000Z");
  for (const char* text : {"", "x", "20261301", "20260230", "2026013125", "20260131 ", "20260131+05", "-2026"}) {
    EXPECT_EQ(time(text), "none") << text;
  }
}

// Every message that others have written is read, and every byte string is answered.
TEST(Hl7Message, EveryPublicMessageIsRead) {
  const std::filesystem::path folder = "../shared/data/src_hl7v2_ccda_fhirconverter/data/SampleData/Hl7v2";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no public HL7 messages here";
  std::mt19937_64 random(5);
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".hl7") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto message = Message::Parse(bytes);
    ASSERT_TRUE(message.ok()) << entry.path();
    EXPECT_TRUE(IsValidUtf8(message->text()));
    EXPECT_FALSE(message->segments().front().Field(9).empty()) << entry.path();
    ++count;
    for (int i = 0; i < 20; ++i) {
      for (int n = 0; n < 5; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
      const auto broken = Message::Parse(bytes);
      if (!broken.ok()) continue;
      EXPECT_TRUE(IsValidUtf8(broken->text()));
      for (const Segment& segment : broken->segments()) {
        for (const std::string_view field : segment.fields) (void)broken->Words(field);
      }
    }
  }
  EXPECT_GT(count, 50u);
}

}  // namespace
}  // namespace freshet::hl7
