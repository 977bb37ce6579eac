#include "services/freshet/change_spans.h"

#include <gtest/gtest.h>

#include <set>

namespace freshet {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

Origin Change() {
  Origin origin{.source = SourceName("ehr"),
                .collection = CollectionName("notes"),
                .document = DocumentId("charts/quillfeather.txt"),
                .version = {.epoch = 1, .position = 42},
                .committed = Time(1000ms),
                .traceparent = kSampled};
  origin.StampOf(Step::kCaptured) = Time(1010ms);
  origin.StampOf(Step::kDeid) = Time(1030ms);
  origin.StampOf(Step::kChunk) = Time(1031ms);
  origin.StampOf(Step::kEmbed) = Time(1061ms);
  return origin;
}

// "change 1000-1100; captured 1000-1010; ..."
std::string Print(const std::vector<Span>& spans) {
  std::string out;
  for (const Span& span : spans) {
    out += span.name + " " + std::to_string(ToMicros(span.begin) / 1000) + "-" +
           std::to_string(ToMicros(span.end) / 1000) + "; ";
  }
  return out;
}

TEST(ChangeSpans, TellTheJourneyFromTheSourceToTheQuery) {
  const auto spans = SpansOf(Change(), "update", Time(1100ms));
  EXPECT_EQ(
      Print(spans),
      "change 1000-1100; captured 1000-1010; deid 1010-1030; chunk 1030-1031; embed 1031-1061; index 1061-1100; ");
  EXPECT_EQ(spans[0].context.ToString(), kSampled) << "what answers link to";
  EXPECT_EQ(spans[0].parent, 0u);
  std::set<uint64_t> ids;
  for (const Span& span : spans) {
    EXPECT_EQ(span.context.trace_id(), spans[0].context.trace_id());
    ids.insert(span.context.span);
    if (&span != &spans[0]) {
      EXPECT_EQ(span.parent, spans[0].context.span);
    }
  }
  EXPECT_EQ(ids.size(), spans.size());
}

TEST(ChangeSpans, HaveCoordinatesAndNoDocument) {
  std::string all;
  for (const Span& span : SpansOf(Change(), "update", Time(1100ms))) {
    for (const LogField& field : span.attributes) all += std::string(field.key()) + "=" + field.value() + " ";
  }
  EXPECT_EQ(all, "source=ehr collection=notes version=1:42 operation=update ") << "a document's id may be its name";
}

TEST(ChangeSpans, TheSameChangeHasTheSameSpansAndAnotherRunOthers) {
  const auto once = SpansOf(Change(), "update", Time(1100ms)), twice = SpansOf(Change(), "update", Time(1200ms));
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].context, twice[i].context);
  Origin again = Change();
  again.revision.deid_run = 7;
  const auto run = SpansOf(again, "update", Time(1300ms));
  EXPECT_EQ(run[0].parent, once[0].context.span);
  EXPECT_EQ(run[0].begin, again.StampOf(Step::kCaptured)) << "the commit is long ago";
  std::set<uint64_t> ids;
  for (const auto* spans : {&once, &run}) {
    for (const Span& span : *spans) ids.insert(span.context.span);
  }
  EXPECT_EQ(ids.size(), once.size() + run.size());
}

TEST(ChangeSpans, StepsThatNobodyTookAndClocksThatDifferAreNoNonsense) {
  Origin access = Change();
  for (const Step step : {Step::kDeid, Step::kChunk, Step::kEmbed}) access.StampOf(step) = {};
  EXPECT_EQ(Print(SpansOf(access, "access", Time(1050ms))), "change 1000-1050; captured 1000-1010; index 1010-1050; ");
  access.committed = Time(9000ms);
  EXPECT_EQ(Print(SpansOf(access, "access", Time(1050ms))), "change 1010-1050; captured 1010-1010; index 1010-1050; ");
  access.committed = {};
  EXPECT_EQ(Print(SpansOf(access, "access", Time(1050ms))), "change 1010-1050; captured 1010-1010; index 1010-1050; ");
}

TEST(ChangeSpans, WhatIsNotSampledHasNone) {
  Origin origin = Change();
  origin.traceparent.back() = '0';
  EXPECT_TRUE(SpansOf(origin, "update", Time(1100ms)).empty());
  origin.traceparent.clear();
  EXPECT_TRUE(SpansOf(origin, "update", Time(1100ms)).empty());
}

}  // namespace
}  // namespace freshet
