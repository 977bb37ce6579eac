// Lines of taps to messages: what is one, what keeps its exact text, what is refused.
#include "connectors/singer/message.h"

#include <gtest/gtest.h>

#include <random>

namespace freshet::singer {
namespace {

using Kind = Message::Kind;

Message Read(const std::string& line, Protocol protocol = Protocol::kSinger) {
  Result<Message> message = MessageReader(protocol).Read(line);
  EXPECT_TRUE(message.ok()) << line;
  return message.ok() ? std::move(*message) : Message();
}

std::string TextOf(const Message& message, const std::string& name) {
  for (const Field& field : message.fields) {
    if (field.name == name) return field.cell.is_null() ? "null" : field.cell.text;
  }
  return "nothing";
}

TEST(SingerMessage, RecordsKeepDigitsAndNestedText) {
  const Message record = Read(
      R"({"type":"RECORD","stream":"s","record":{"n":12345678901234567890.1500,"i":-7,"t":"a\n\"b\" é","z":null,)"
      R"("b":true,"o": { "k" : [1, 2.50] },"l":["x",null,3.10,{"y":1}]},"version":9,"time_extracted":"2026-01-31T09:30:00Z"})");
  EXPECT_EQ(record.kind, Kind::kRecord);
  EXPECT_EQ(record.stream, "s");
  EXPECT_EQ(record.version, 9);
  EXPECT_EQ(FormatTime(*record.extracted), "2026-01-31T09:30:00.000Z");
  EXPECT_EQ(TextOf(record, "n"), "12345678901234567890.1500");
  EXPECT_EQ(TextOf(record, "i"), "-7");
  EXPECT_EQ(TextOf(record, "t"), "a\n\"b\" é");
  EXPECT_EQ(TextOf(record, "z"), "null");
  EXPECT_EQ(TextOf(record, "b"), "true");
  EXPECT_EQ(TextOf(record, "o"), R"({ "k" : [1, 2.50] })");
  ASSERT_TRUE(record.fields.back().cell.is_list);
  EXPECT_EQ(record.fields.back().cell.items, (std::vector<std::string>{"x", "3.10", R"({"y":1})"}));
}

TEST(SingerMessage, SchemasTellColumnsAndKeys) {
  const Message schema = Read(
      R"({"type":"SCHEMA","key_properties":["id","seq"],"schema":{"type":"object","properties":{"id":{"type":"integer"},)"
      R"("at":{"anyOf":[],"format":"date-time"},"any":true,"seq":{}}},"stream":"s","bookmark_properties":["at"]})");
  EXPECT_EQ(schema.kind, Kind::kSchema);
  EXPECT_EQ(schema.keys, (std::vector<std::string>{"id", "seq"}));
  ASSERT_EQ(schema.columns.size(), 4u);
  EXPECT_EQ(schema.columns[1].name, "at");
  EXPECT_TRUE(schema.columns[1].is_time);
  EXPECT_FALSE(schema.columns[2].is_time);
}

TEST(SingerMessage, StatesAreKeptAsTheyWereWritten) {
  EXPECT_EQ(Read(R"({"type": "STATE", "value": {"bookmarks": {"s": {"lsn": 1.0}}}})").state,
            R"({"bookmarks": {"s": {"lsn": 1.0}}})");
  EXPECT_EQ(Read(R"({"type":"ACTIVATE_VERSION","stream":"s","version":1795226634652})").kind, Kind::kActivate);
}

TEST(SingerMessage, AirbyteSaysTheSameInAnotherForm) {
  const Message record =
      Read(R"({"type":"RECORD","record":{"stream":"s","data":{"id":1},"emitted_at":1795226712030.907}})",
           Protocol::kAirbyte);
  EXPECT_EQ(record.stream, "s");
  EXPECT_EQ(TextOf(record, "id"), "1");
  EXPECT_EQ(ToMicros(*record.extracted), 1795226712030'000);
  const std::string state = R"({"type":"STREAM","stream":{"stream_descriptor":{"name":"s","namespace":null},)"
                            R"("stream_state":{"x":1}},"sourceStats":{"recordCount":1.0}})";
  const Message one = Read(R"({"type":"STATE","state":)" + state + "}", Protocol::kAirbyte);
  EXPECT_EQ(one.state, state);
  EXPECT_EQ(one.state_of, "/s");
  EXPECT_EQ(Read(R"({"type":"STATE","state":{"type":"GLOBAL","global":{}}})", Protocol::kAirbyte).state,
            R"([{"type":"GLOBAL","global":{}}])");
  EXPECT_EQ(Read(R"({"type":"STATE","state":{"data":{"cursor":7}}})", Protocol::kAirbyte).state, R"({"cursor":7})");
}

TEST(SingerMessage, AnAirbyteSourceMaySayThatItFailed) {
  for (const char* trace :
       {R"({"type":"ERROR","emitted_at":1.0,"error":{"message":"boom","failure_type":"config_error"}})",
        R"({"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"s"},)"
        R"("status":"INCOMPLETE"}})"}) {
    EXPECT_EQ(Read(std::string(R"({"type":"TRACE","trace":)") + trace + "}", Protocol::kAirbyte).kind, Kind::kFailed);
  }
  EXPECT_EQ(Read(R"({"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"status":"COMPLETE"}}})",
                 Protocol::kAirbyte)
                .kind,
            Kind::kIgnored);
  EXPECT_EQ(Read(R"({"type":"LOG","log":{"level":"INFO","message":"x"}})", Protocol::kAirbyte).kind, Kind::kIgnored);
}

TEST(SingerMessage, WhatIsNoMessageIsLeftOutAndWhatBreaksOffIsNot) {
  for (const char* line : {"", "   ", "INFO Syncing", "[1,2]", R"({"type":"SPOKE","x":1})"}) {
    EXPECT_EQ(Read(line).kind, Kind::kIgnored) << line;
  }
  for (const char* line :
       {"{", R"({"type":"RECORD","stream":"s","record":{"id":)", R"({"type":"RECORD","stream":"s"})",
        R"({"type":"RECORD","record":{}})", R"({"type":"STATE"})", R"({"type":"SCHEMA","stream":"s"})"}) {
    EXPECT_EQ(MessageReader(Protocol::kSinger).Read(line).code(), Code::kMalformedDocument) << line;
  }
  EXPECT_EQ(MessageReader(Protocol::kSinger).Read(R"({"type":"BATCH","stream":"s"})").code(), Code::kConfiguration);
}

TEST(SingerMessage, ARecordThatIsNotUtf8StillHasItsKey) {
  const Message record =
      Read("{\"type\":\"RECORD\",\"stream\":\"s\",\"record\":{\"id\":7,\"body\":\"caf\xE9 \xC3\xA9\"}}");
  EXPECT_TRUE(record.broken);
  EXPECT_EQ(TextOf(record, "id"), "7");
  const Message half = Read(R"({"type":"RECORD","stream":"s","record":{"id":7,"body":"\ud83d"}})");
  EXPECT_TRUE(half.broken) << "half a surrogate pair";
  EXPECT_EQ(TextOf(half, "id"), "7");
}

TEST(SingerMessage, AnyBytesAreSurvived) {
  const std::string good =
      R"({"type":"RECORD","stream":"s","record":{"id":1,"l":[1,{"a":[]}],"t":"x\u00e9"},"version":1})";
  std::mt19937_64 random(5);
  MessageReader singer(Protocol::kSinger), airbyte(Protocol::kAirbyte);
  for (int i = 0; i < 3000; ++i) {
    std::string line = good.substr(0, 1 + random() % good.size());
    for (uint64_t n = random() % 4; n > 0; --n) line[random() % line.size()] = static_cast<char>(random());
    for (MessageReader* const reader : {&singer, &airbyte}) {
      const Result<Message> read = reader->Read(line);
      ASSERT_TRUE(read.ok() || read.code() == Code::kMalformedDocument);
    }
  }
}

}  // namespace
}  // namespace freshet::singer
