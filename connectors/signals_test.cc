// Signals: what an operator asks of a running connector.
#include "connectors/signals.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "connectors/connector_thread.h"
#include "connectors/memory_log.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

class SignalsTest : public ::testing::Test {
 protected:
  SignalsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-signals-XXXXXX").string();
    directory = mkdtemp(pattern.data());
    file = SignalFileOf(directory, SourceName("charts"));
  }
  ~SignalsTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  std::filesystem::path directory;
  std::filesystem::path file;
};

TEST_F(SignalsTest, NoFileAsksForNothing) {
  const SourceSignals signals(file);
  EXPECT_FALSE(signals.state().paused);
  EXPECT_EQ(signals.state().snapshots, 0u);
}

TEST_F(SignalsTest, WhatIsWrittenIsSeenAndABrokenFileKeepsTheLast) {
  const SourceSignals signals(file, 0ms);
  ASSERT_TRUE(WriteSignals(file, {.paused = true, .snapshots = 7}).ok());
  EXPECT_TRUE(signals.state().paused);
  EXPECT_EQ(signals.state().snapshots, 7u);
  std::ofstream(file) << "paused: perhaps\n";
  EXPECT_TRUE(signals.state().paused);
  EXPECT_EQ(ReadSignals(file).code(), Code::kConfiguration);
  ASSERT_TRUE(WriteSignals(file, {}).ok());
  EXPECT_FALSE(signals.state().paused);
}

// Counts its runs; each ends when it is told to.
class Idle final : public Connector {
 public:
  explicit Idle(std::atomic<int>& running, std::atomic<int>& runs) : running_(running), runs_(runs) {}
  Status Check() override { return OkStatus(); }
  Status Run(ConnectorHost& host) override {
    ++running_;
    ++runs_;
    while (!host.stopping()) std::this_thread::sleep_for(1ms);
    --running_;
    return OkStatus();
  }
  Result<bool> Step(ConnectorHost&) override { return false; }

 private:
  std::atomic<int>& running_;
  std::atomic<int>& runs_;
};

TEST_F(SignalsTest, APausedConnectorRestsAndGoesOnLater) {
  MemoryLog log;
  const KeyRing keys = *KeyRing::Parse(KeyRing::NewKeyLine());
  const SystemClock clock;
  MetricRegistry metrics(TenantName("hospital"));
  std::atomic<int> running = 0, runs = 0;
  auto host = std::make_unique<LogConnectorHost>(
      LogConnectorHost::Parts{log, keys, clock},
      LogConnectorHost::Options{.names = {.tenant = TenantName("hospital"), .source = SourceName("charts")},
                                .signals = file});
  ConnectorThread thread(std::make_unique<Idle>(running, runs), std::move(host),
                         {.source = SourceName("charts"), .metrics = &metrics, .pause = 5ms});
  const auto until = [](auto condition) {
    for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(1ms);
    return condition();
  };
  ASSERT_TRUE(until([&] { return running == 1; }));
  ASSERT_TRUE(WriteSignals(file, {.paused = true}).ok());
  ASSERT_TRUE(until([&] { return running == 0; }));
  ASSERT_TRUE(WriteSignals(file, {.snapshots = 1}).ok());
  ASSERT_TRUE(until([&] { return running == 1; }));
  EXPECT_EQ(thread.host().snapshot_request(), 1u);
  thread.Stop();
  EXPECT_EQ(running, 0);
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace freshet
