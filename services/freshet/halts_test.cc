#include "services/freshet/halts.h"

#include <gtest/gtest.h>

#include <thread>

namespace freshet {
namespace {

TEST(Halts, TellsWhoStoppedAndWhy) {
  Halts halts;
  EXPECT_FALSE(halts.any());
  halts.Add("the worker deid", Status(Code::kKeyMissing, "key id k2"));
  halts.Add("the connector of source notes", Status(Code::kConfiguration));
  EXPECT_TRUE(halts.any());
  EXPECT_EQ(halts.Reasons(), (std::vector<std::string>{
                                 "key_missing: the worker deid has stopped and needs an operator: key id k2",
                                 "configuration: the connector of source notes has stopped and needs an operator"}));
}

TEST(Halts, AnyThreadMayTell) {
  Halts halts;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int each = 0; each < 100; ++each) halts.Add("it", Status(Code::kCorruptStore));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(halts.Reasons().size(), 400u);
}

}  // namespace
}  // namespace freshet
