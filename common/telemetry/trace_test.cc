#include "common/telemetry/trace.h"

#include <gtest/gtest.h>

#include <set>

namespace freshet {
namespace {

constexpr const char* kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceTest, TheStandardsExampleIsReadAndWritten) {
  const auto trace = TraceContext::Parse(kExample);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->span, 0x00f067aa0ba902b7u);
  EXPECT_EQ(trace->flags, 1);
  EXPECT_EQ(trace->ToString(), kExample);
}

TEST(TraceTest, WhatTheStandardForbidsIsNoTrace) {
  for (const char* text : {
           "",
           "00",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
       }) {
    EXPECT_FALSE(TraceContext::Parse(text).has_value()) << text;
  }
}

TEST(TraceTest, ALaterVersionIsReadAsFarAsItIsKnown) {
  const auto trace = TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-what-comes-later");
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->Child([] { return uint64_t{5}; }).ToString(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000005-01");
}

TEST(TraceTest, AChildKeepsTheTraceAndHasASpanOfItsOwn) {
  const TraceContext trace = TraceContext::New();
  const TraceContext child = trace.Child();
  EXPECT_EQ(child.trace_id(), trace.trace_id());
  EXPECT_NE(child.span, trace.span);
  EXPECT_EQ(TraceContext::Parse(child.ToString()), child);
}

TEST(TraceTest, TheShareThatIsAskedForIsSampledByTheIdAlone) {
  int sampled = 0;
  for (int i = 0; i < 4'000; ++i) {
    const TraceContext trace = TraceContext::New().SampledAt(0.25);
    sampled += trace.sampled();
    EXPECT_EQ(trace.Child().sampled(), trace.sampled());
    EXPECT_EQ(trace.Child().SampledAt(0.25).sampled(), trace.sampled());
    EXPECT_TRUE(!trace.sampled() || trace.SampledAt(0.5).sampled()) << "a larger share has the smaller one in it";
  }
  EXPECT_GT(sampled, 800);
  EXPECT_LT(sampled, 1'200);
  EXPECT_FALSE(TraceContext::New().SampledAt(0).sampled());
  EXPECT_TRUE(TraceContext::New().SampledAt(1).sampled());
  EXPECT_TRUE(TraceContext::New().sampled());
}

TEST(TraceTest, NewTracesDiffer) {
  std::set<std::string> ids;
  for (int i = 0; i < 1'000; ++i) ids.insert(TraceContext::New().trace_id());
  EXPECT_EQ(ids.size(), 1'000u);
}

TEST(TraceTest, ASourceOfZerosStillMakesAValidTrace) {
  const TraceContext trace = TraceContext::New([] { return uint64_t{0}; });
  EXPECT_EQ(TraceContext::Parse(trace.ToString()), trace);
}

}  // namespace
}  // namespace freshet
