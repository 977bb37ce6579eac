// Arrivals: what arrives late is not before what was vouched for.
#include "connectors/source/arrivals.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

using namespace std::chrono_literals;

// Its commit time once it is taken, of a sender who says that it was an hour ago.
Time TakeLate(Arrivals& arrivals, const ManualClock& clock) {
  ChangeEvent event{.origin = {.document = DocumentId("a"), .committed = clock.Now() - 1h}, .change = Delete{}};
  EXPECT_EQ(arrivals.Deliver({std::move(event)}, 10, Duration(0)).code(), Code::kTimeout);  // nobody answers yet
  const SourceBatch batch = arrivals.Stream(Duration(0));
  EXPECT_EQ(batch.events.size(), 1u);
  return batch.events.empty() ? Time() : batch.events[0].origin.committed;
}

TEST(Arrivals, WhatComesLateCountsAsCommittedAfterWhatWasVouchedFor) {
  ManualClock clock(FromMicros(1'700'000'000'000'000));
  Arrivals arrivals(1 << 20);
  arrivals.Open({.clock = &clock, .epoch = 1});
  clock.Advance(1s);
  const auto vouched = arrivals.Stream(Duration(0)).complete_up_to;
  ASSERT_TRUE(vouched.has_value());
  EXPECT_GT(TakeLate(arrivals, clock), *vouched);
}

TEST(Arrivals, WhatARunBeforeVouchedForHoldsAfterARestart) {
  ManualClock clock(FromMicros(1'700'000'000'000'000));
  Arrivals before(1 << 20);
  before.Open({.clock = &clock, .epoch = 1});
  clock.Advance(1s);
  const auto vouched = before.Stream(Duration(0)).complete_up_to;
  ASSERT_TRUE(vouched.has_value());
  Arrivals after(1 << 20);
  after.Open({.clock = &clock, .epoch = 2});
  EXPECT_GT(TakeLate(after, clock), *vouched);
}

}  // namespace
}  // namespace freshet
