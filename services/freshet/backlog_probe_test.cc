#include "services/freshet/backlog_probe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace freshet {
namespace {

using namespace std::chrono_literals;
using Answer = Result<std::map<Lane, uint64_t>>;

constexpr Duration kLong = 60s;

TEST(BacklogProbeTest, AnswersByLane) {
  BacklogProbe probe([]() -> Answer { return std::map<Lane, uint64_t>{{Lane::kUrgent, 2}, {Lane::kBackfill, 5}}; });
  const auto backlog = probe.Ask(kLong);
  ASSERT_TRUE(backlog.has_value());
  EXPECT_EQ(backlog->urgent, 2u);
  EXPECT_EQ(backlog->live, 0u);
  EXPECT_EQ(backlog->backfill, 5u);
}

TEST(BacklogProbeTest, AnErrorIsNoAnswerAndTheNextQuestionIsPut) {
  std::atomic<int> asked = 0;
  BacklogProbe probe([&]() -> Answer {
    if (++asked == 1) return Status(Code::kLogUnavailable, "away");
    return std::map<Lane, uint64_t>{{Lane::kLive, 1}};
  });
  EXPECT_FALSE(probe.Ask(kLong).has_value());
  EXPECT_EQ(probe.Ask(kLong)->live, 1u);
}

TEST(BacklogProbeTest, ALogThatDoesNotAnswerHoldsNobodyAndIsAskedOnce) {
  std::atomic<int> asked = 0;
  std::promise<void> answers;
  std::shared_future<void> away = answers.get_future().share();
  BacklogProbe probe([&, away]() -> Answer {
    ++asked;
    away.wait();
    return std::map<Lane, uint64_t>{{Lane::kLive, 7}};
  });
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(probe.Ask(1ms).has_value());
  EXPECT_LE(asked, 1);
  std::thread other([&] { EXPECT_EQ(probe.Ask(kLong)->live, 7u); });
  answers.set_value();
  other.join();
  EXPECT_EQ(probe.Ask(kLong)->live, 7u);
}

}  // namespace
}  // namespace freshet
