// What the sink itself cannot take in, or a last look withholds: skipped with its code, and a dead letter before
// progress goes on.
#include <gmock/gmock.h>

#include "services/index/testing/sink_site.h"

namespace freshet::index {
namespace {

using ::testing::ElementsAre;

TEST_F(SinkTest, WhatALastLookWithholdsIsSkippedWithALetter) {
  Allow({Principal("user:ada")});
  withheld_ = {"b"};
  for (const char* id : {"a", "b", "c"}) Put(live_, {.id = id, .text = "floor\n"});
  Drain();
  EXPECT_EQ(Found(), "a@1 c@1");
  EXPECT_EQ(Next(kLive), 3u);
  EXPECT_EQ(AccountOf(kLive).skipped.at({freshet::Step::kIndex, Code::kQuarantined}), 1u);
  EXPECT_THAT(letters_.lines, ElementsAre("b quarantined"));
}

TEST_F(SinkTest, WhatCannotBeReadHasALetterAndWhatStagesSkippedHasTheirs) {
  live_.Add({SourceOrigin("files", "policies", 1), Skipped{Code::kCorruptRecord, freshet::Step::kIndex}});
  live_.Add({SourceOrigin("files", "policies", 2), Skipped{Code::kMalformedDocument, freshet::Step::kDeid}});
  urgent_.Add({SourceOrigin("", "", 0), Lost{Code::kExpired, 3, freshet::Step::kIndex}});
  Drain();
  EXPECT_THAT(letters_.lines, ElementsAre(" expired", " corrupt_record"));
}

TEST_F(SinkTest, NothingGoesOnBeforeItsLetterIsWrittenAndThenOnce) {
  Allow({Principal("user:ada")});
  Drain();
  withheld_ = {"a"};
  letters_.fails = Status(Code::kUnavailable);
  Put(live_, {.id = "a", .text = "floor\n"});
  Put(live_, {.id = "b", .text = "floor\n"});
  for (int i = 0; i < 50; ++i) {
    Step();
    clock_.Advance(1s);
  }
  EXPECT_EQ(Next(kLive), 0u);
  letters_.fails = OkStatus();
  for (int i = 0; i < 50; ++i) {
    Step();
    clock_.Advance(1s);
  }
  EXPECT_EQ(Next(kLive), 2u);
  EXPECT_EQ(Found(), "b@1");
  EXPECT_THAT(letters_.lines, ElementsAre("a quarantined"));
}

}  // namespace
}  // namespace freshet::index
