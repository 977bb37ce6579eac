// What senders are told, in the original mode and in the enhanced one.
#include "connectors/hl7/ack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::hl7 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow = FromMicros(1'800'000'000'000'000);

std::string Ack(const std::string& wishes, Code code, Acknowledge acknowledge = Acknowledge::kAsAsked) {
  const auto message = Message::Parse("MSH|^~\\&|EHR|WARD|FRESHET|HERE|20260131||ADT^A01|17|P|2.5" + wishes + "\r");
  return AckOf(&*message, {.code = code, .now = kNow, .number = 7}, acknowledge);
}

TEST(Ack, TheOriginalMode) {
  EXPECT_EQ(Ack("", Code::kOk), "MSH|^~\\&|FRESHET|HERE|EHR|WARD|20270115080000+0000||ACK^A01|F7|P|2.5\rMSA|AA|17\r");
  EXPECT_THAT(Ack("", Code::kBackpressure), HasSubstr("MSA|AE|17|backpressure\rERR|||207^"));
  EXPECT_THAT(Ack("", Code::kMalformedDocument), HasSubstr("MSA|AR|17|malformed_document\rERR|||101^"));
}

TEST(Ack, TheEnhancedModeSaysWhatIsAskedFor) {
  EXPECT_THAT(Ack("|||AL|AL", Code::kOk), HasSubstr("MSA|CA|17"));
  EXPECT_THAT(Ack("|||NE|AL", Code::kOk), HasSubstr("MSA|AA|17"));
  EXPECT_THAT(Ack("|||ER|NE", Code::kTimeout), HasSubstr("MSA|CE|17"));
  EXPECT_THAT(Ack("|||SU|NE", Code::kOk), HasSubstr("MSA|CA|17"));
  for (const char* wishes : {"|||NE|NE", "|||NE", "|||ER|NE", "||||ER"})
    EXPECT_EQ(Ack(wishes, Code::kOk), "") << wishes;
  for (const char* wishes : {"|||NE|NE", "|||SU|NE", "||||SU"}) EXPECT_EQ(Ack(wishes, Code::kTimeout), "") << wishes;
}

TEST(Ack, AlwaysWhateverIsAskedFor) {
  for (const char* wishes : {"|||NE|NE", "|||ER|NE", "", "||||NE"}) {
    EXPECT_THAT(Ack(wishes, Code::kOk, Acknowledge::kAlways), HasSubstr("MSA|AA|17")) << wishes;
  }
  const auto none = [](const char* wishes) {
    return WantsNone(*Message::Parse("MSH|^~\\&|||||20260131||ADT^A01|1|P|2.5" + std::string(wishes)));
  };
  EXPECT_TRUE(none("|||NE|NE"));
  EXPECT_TRUE(none("|||NE"));
  EXPECT_FALSE(none(""));
  EXPECT_FALSE(none("|||NE|AL"));
  EXPECT_FALSE(none("|||AL|NE"));
}

TEST(Ack, WhatMayGetBetterIsSentAgainAndNothingElse) {
  EXPECT_EQ(FateOf(Code::kOk), Fate::kAccepted);
  for (const Code code :
       {Code::kUnavailable, Code::kTimeout, Code::kBackpressure, Code::kLogUnavailable, Code::kDiskFull}) {
    EXPECT_EQ(FateOf(code), Fate::kFailed) << NameOf(code);
  }
  for (const Code code : {Code::kMalformedDocument, Code::kDocumentTooLarge, Code::kInvalidArgument}) {
    EXPECT_EQ(FateOf(code), Fate::kRejected) << NameOf(code);
  }
}

TEST(Ack, WithTheSendersSeparators) {
  const auto message = Message::Parse("MSH$%*!@$EHR$$$$20260131$$ORU%R01$1$P$2.3\r");
  const std::string ack = AckOf(&*message, {.code = Code::kTimeout, .now = kNow, .number = 7}, Acknowledge::kAlways);
  EXPECT_THAT(ack, HasSubstr("MSH$%*!@$$$EHR$$20270115080000+0000$$ACK%R01$F7$P$2.3\rMSA$AE$1$timeout\rERR$$$207%"));
  EXPECT_THAT(ack, Not(HasSubstr("^")));
  EXPECT_TRUE(Message::Parse(ack).ok());
}

TEST(Ack, OfWhatCouldNotBeRead) {
  const std::string ack =
      AckOf(nullptr, {.code = Code::kMalformedDocument, .now = kNow, .number = 7}, Acknowledge::kAsAsked);
  EXPECT_THAT(ack, HasSubstr("MSA|AR||malformed_document"));
  EXPECT_TRUE(Message::Parse(ack).ok());
}

}  // namespace
}  // namespace freshet::hl7
