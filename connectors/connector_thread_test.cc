// ConnectorThread: what of a source is seen whatever its connector does.
#include "connectors/connector_thread.h"

#include <gtest/gtest.h>

#include "connectors/memory_log.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

struct World {
  std::atomic<uint64_t> retained{1};
  std::atomic<bool> answers{true};
  std::atomic<int> looks{0};
  std::atomic<int> runs{0};
};

// Its Run blocks as one does whose log takes nothing, or ends for good.
class Keeper final : public Connector {
 public:
  Keeper(World& world, bool halts) : world_(world), halts_(halts) {}
  Status Check() override { return OkStatus(); }
  Result<bool> Step(ConnectorHost&) override { return false; }
  Status Run(ConnectorHost& host) override {
    ++world_.runs;
    if (halts_) return Status(Code::kConfiguration, "as the test wants it");
    while (!host.stopping()) host.Sleep(1h);
    return OkStatus();
  }
  Result<SourceHold> Hold() override {
    ++world_.looks;
    if (!world_.answers) return Status(Code::kUnavailable, "not now");
    return SourceHold{.lag_bytes = 1, .retained_bytes = world_.retained, .limit_bytes = 9};
  }

 private:
  World& world_;
  const bool halts_;
};

class KeepsNothing final : public Connector {
 public:
  explicit KeepsNothing(World& world) : world_(world) {}
  Status Check() override { return OkStatus(); }
  Result<bool> Step(ConnectorHost&) override { return false; }
  Status Run(ConnectorHost& host) override {
    while (!host.stopping()) host.Sleep(1h);
    return OkStatus();
  }
  Result<SourceHold> Hold() override {
    ++world_.looks;
    return Connector::Hold();
  }

 private:
  World& world_;
};

class ConnectorThreadTest : public ::testing::Test {
 protected:
  std::unique_ptr<ConnectorThread> Start(std::unique_ptr<Connector> connector) {
    auto host = std::make_unique<LogConnectorHost>(LogConnectorHost::Parts{log_, keys_, clock_},
                                                   LogConnectorHost::Options{.names = {.source = SourceName("s")}});
    return std::make_unique<ConnectorThread>(
        std::move(connector), std::move(host),
        ConnectorThread::Options{.source = SourceName("s"), .metrics = &metrics_, .look = 1ms});
  }
  template <class Condition>
  static bool Until(Condition condition) {
    for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(1ms);
    return condition();
  }

  MemoryLog log_;
  const KeyRing keys_ = *KeyRing::Parse(KeyRing::NewKeyLine());
  const SystemClock clock_;
  MetricRegistry metrics_;
  World world_;
};

TEST_F(ConnectorThreadTest, WhatTheSourceKeepsIsSeenWhileTheConnectorIsStuckAndAfterItEnded) {
  for (const bool halts : {false, true}) {
    SCOPED_TRACE(halts);
    world_.retained = 1;
    world_.runs = 0;
    const auto thread = Start(std::make_unique<Keeper>(world_, halts));
    ASSERT_TRUE(Until([&] { return world_.runs == 1 && thread->hold().has_value(); }));
    EXPECT_EQ(*thread->hold(), (SourceHold{.lag_bytes = 1, .retained_bytes = 1, .limit_bytes = 9}));
    world_.retained = 7;
    EXPECT_TRUE(Until([&] { return thread->hold()->retained_bytes == 7; }));
  }
}

TEST_F(ConnectorThreadTest, ASourceThatIsGoneKeepsWhatItKeptLast) {
  const auto thread = Start(std::make_unique<Keeper>(world_, false));
  ASSERT_TRUE(Until([&] { return thread->hold().has_value(); }));
  world_.answers = false;
  const int looks = world_.looks;
  ASSERT_TRUE(Until([&] { return world_.looks > looks + 3; }));
  EXPECT_EQ(thread->hold()->retained_bytes, 1u);
}

TEST_F(ConnectorThreadTest, ASourceThatKeepsNothingIsAskedOnce) {
  const auto thread = Start(std::make_unique<KeepsNothing>(world_));
  ASSERT_TRUE(Until([&] { return world_.looks == 1; }));
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(world_.looks, 1);
  EXPECT_FALSE(thread->hold().has_value());
}

}  // namespace
}  // namespace freshet
