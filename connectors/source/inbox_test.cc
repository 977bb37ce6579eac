// Inbox: nobody is told "durable" who is not, nothing is taken twice, and bytes are bounded.
#include "connectors/source/inbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace freshet {
namespace {

using namespace std::chrono_literals;

std::vector<ChangeEvent> Events(const std::string& id, size_t count = 1) {
  return std::vector<ChangeEvent>(count, {.origin = {.document = DocumentId(id)}, .change = Delete{}});
}

TEST(Inbox, AnswersOnlyWhatIsDone) {
  Inbox inbox(1 << 20);
  EXPECT_EQ(inbox.Deliver(Events("a"), 10, 1ms).code(), Code::kUnavailable);
  inbox.Open();
  EXPECT_EQ(inbox.Deliver(Events("a"), 10, 1ms).code(), Code::kTimeout);
  std::atomic<bool> answered = false;
  std::thread sender([&] {
    EXPECT_TRUE(inbox.Deliver(Events("b", 2), 10, 60s).ok());
    answered = true;
  });
  size_t taken = 0;
  while (taken < 3) taken += inbox.Take(10ms).size();
  std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(answered) << "taken, and not durable yet";
  EXPECT_TRUE(inbox.empty()) << "nothing waits to be taken";
  inbox.Done();
  sender.join();
}

TEST(Inbox, IsBoundedButTakesOneOfAnySize) {
  Inbox inbox(100);
  inbox.Open();
  EXPECT_EQ(inbox.Deliver(Events("huge"), 1000, 1ms).code(), Code::kTimeout);
  EXPECT_EQ(inbox.Deliver(Events("a"), 1, 1ms).code(), Code::kBackpressure);
  EXPECT_EQ(inbox.Take(0ms).size(), 1u);
  EXPECT_EQ(inbox.Deliver(Events("a"), 1, 1ms).code(), Code::kBackpressure) << "taken is still held";
  inbox.Done();
  EXPECT_EQ(inbox.Deliver(Events("a"), 1, 1ms).code(), Code::kTimeout);
}

TEST(Inbox, WhoWaitsIsToldThatItCloses) {
  Inbox inbox(1 << 20);
  inbox.Open();
  std::thread first([&] { EXPECT_EQ(inbox.Deliver(Events("a"), 10, 60s).code(), Code::kUnavailable); });
  while (inbox.Take(10ms).empty()) {
  }
  std::thread second([&] { EXPECT_EQ(inbox.Deliver(Events("b"), 10, 60s).code(), Code::kUnavailable); });
  while (true) {
    const bool waits = [&] { return !inbox.empty(); }();
    std::this_thread::sleep_for(5ms);
    if (waits) break;
  }
  inbox.Close();
  first.join();
  second.join();
  inbox.Open();
  EXPECT_TRUE(inbox.Take(0ms).empty()) << "what was refused is not published later";
}

TEST(Inbox, ManySendersEachOnce) {
  Inbox inbox(1 << 20);
  inbox.Open();
  std::atomic<int> done = 0;
  std::vector<std::thread> senders;
  for (int i = 0; i < 8; ++i) {
    senders.emplace_back([&, i] {
      for (int j = 0; j < 50; ++j) {
        ASSERT_TRUE(inbox.Deliver(Events(std::to_string(i) + "/" + std::to_string(j)), 10, 60s).ok());
        ++done;
      }
    });
  }
  std::set<std::string> seen;
  while (done < 400) {
    for (const ChangeEvent& event : inbox.Take(10ms)) EXPECT_TRUE(seen.insert(event.origin.document.value).second);
    inbox.Done();
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(seen.size(), 400u);
}

}  // namespace
}  // namespace freshet
