#include "common/base/waker.h"

#include <gtest/gtest.h>

#include <thread>

namespace freshet {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

TEST(Waker, ReturnsAtOnceWhereItWasWokenBefore) {
  Waker waker;
  waker.Wake();
  const auto start = Steady::now();
  waker.Wait(60s);
  EXPECT_LT(Steady::now() - start, 10s);
}

TEST(Waker, ForgetsAWakeThatWasTaken) {
  Waker waker;
  waker.Wake();
  waker.Wake();
  waker.Wait(60s);
  const auto start = Steady::now();
  waker.Wait(20ms);
  EXPECT_GE(Steady::now() - start, 20ms);
}

TEST(Waker, IsWokenFromAnotherThread) {
  Waker waker;
  std::thread other([&] {
    std::this_thread::sleep_for(5ms);
    waker.Wake();
  });
  const auto start = Steady::now();
  waker.Wait(60s);
  EXPECT_LT(Steady::now() - start, 10s);
  other.join();
}

}  // namespace
}  // namespace freshet
