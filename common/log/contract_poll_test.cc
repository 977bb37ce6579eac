// The contract of Poll: limits, fairness, wake-ups, positions, gaps, and compacted topics.
#include <chrono>
#include <thread>

#include "common/log/contract.h"

namespace freshet::log {
namespace {

using namespace std::chrono_literals;

TEST_P(LogContract, PollKeepsToItsLimits) {
  const std::string topic = MakeTopic(1);
  for (int i = 0; i < 6; ++i) Append(topic, 0, "", std::string(100, 'v'));
  auto reader = ReadFrom(topic, 0, 0);
  size_t read = 0;
  for (int i = 0; i < 200 && read < 6; ++i) {
    Result<Polled> polled = reader->Poll({.max_records = 4, .max_bytes = 250});
    ASSERT_TRUE(polled.ok());
    EXPECT_LE(polled->records.size(), 2u);
    read += polled->records.size();
    if (polled->records.empty()) std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(read, 6u);
  auto again = ReadFrom(topic, 0, 0);
  EXPECT_EQ(Take(*again, 6, {.max_records = 1}).size(), 6u);
}

TEST_P(LogContract, OneRecordIsDeliveredHoweverLarge) {
  const std::string topic = MakeTopic(2);
  for (uint32_t partition : {0u, 1u}) {
    Append(topic, partition, "large", std::string(10'000, 'v'));
    Append(topic, partition, "small", "v");
  }
  auto consumer = Subscribe("g", {topic});
  EXPECT_EQ(Take(*consumer, 4, {.max_records = 10, .max_bytes = 100}).size(), 4u);
}

TEST_P(LogContract, AKeepAlivePollTakesNothing) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 3);
  auto consumer = Subscribe("g", {topic});
  for (int i = 0; i < 3; ++i) {
    Result<Polled> polled = consumer->Poll({.max_records = 0});
    ASSERT_TRUE(polled.ok());
    EXPECT_TRUE(polled->records.empty());
  }
  EXPECT_EQ(ValuesOf(Take(*consumer, 3)), Numbers(0, 3));
}

TEST_P(LogContract, AnEmptyPartitionYieldsNothing) {
  const std::string topic = MakeTopic(2);
  auto consumer = Subscribe("g", {topic});
  ExpectNothing(*consumer);
}

TEST_P(LogContract, ALongPartitionDoesNotStarveTheOthers) {
  constexpr int kLong = 3000;
  const std::string topic = MakeTopic(4);
  AppendNumbers(topic, 0, 0, kLong);
  for (uint32_t partition : {1u, 2u, 3u}) AppendNumbers(topic, partition, 0, 5);
  auto consumer = Subscribe("g", {topic});
  LetArrive(*consumer);
  size_t others = 0;
  size_t of_the_long = 0;
  for (const Delivered& record : Take(*consumer, kLong + 15, {.max_records = 40})) {
    if (record.partition == Partition(0)) {
      ++of_the_long;
      continue;
    }
    if (++others == 15) {
      EXPECT_LT(of_the_long, static_cast<size_t>(kLong));
    }
  }
  EXPECT_EQ(others, 15u);
}

TEST_P(LogContract, LargeRecordsAreNotStarvedBySmallOnes) {
  const std::string topic = MakeTopic(2);
  AppendNumbers(topic, 0, 0, 2000);
  Append(topic, 1, "large", std::string(900, 'v'));
  auto consumer = Subscribe("g", {topic});
  LetArrive(*consumer);
  size_t before_the_large = 0;
  for (const Delivered& record : Take(*consumer, 2001, {.max_records = 100, .max_bytes = 1000})) {
    if (record.key == "large") break;
    ++before_the_large;
  }
  EXPECT_LT(before_the_large, 2000u);
}

TEST_P(LogContract, TheWakerWakesWhenRecordsCome) {
  const std::string topic = MakeTopic(2);
  Waker group_waker;
  Waker reader_waker;
  auto consumer = Subscribe("g", {topic}, &group_waker);
  auto reader = ReadFrom(topic, 1, 0, &reader_waker);
  for (Waker* waker : {&group_waker, &reader_waker}) {
    Consumer& woken = waker == &group_waker ? *consumer : *reader;
    waker->Wait(0us);
    ExpectNothing(woken);  // whoever was woken looks
    std::jthread producer([&] {
      std::this_thread::sleep_for(20ms);
      Append(topic, waker == &group_waker ? 0 : 1, "", "v");
    });
    const auto start = std::chrono::steady_clock::now();
    std::vector<Delivered> got;
    while (got.empty() && std::chrono::steady_clock::now() - start < 20s) {
      waker->Wait(20s);
      Result<Polled> polled = woken.Poll({});
      ASSERT_TRUE(polled.ok());
      got = std::move(polled->records);
    }
    EXPECT_FALSE(got.empty());
    EXPECT_LT(std::chrono::steady_clock::now() - start, 10s) << "woken, not timed out";
  }
}

TEST_P(LogContract, AConsumerKnowsWhenItHasReadAll) {
  const std::string topic = MakeTopic(2);
  AppendNumbers(topic, 0, 0, 5);
  auto reader = log().Assign(
      {{TopicPartition{topic, Partition(0)}, Offset(0)}, {TopicPartition{topic, Partition(1)}, Offset(0)}}, nullptr);
  ASSERT_TRUE(reader.ok());
  auto member = Subscribe("g", {topic});
  for (Consumer* consumer : {reader->get(), member.get()}) {
    EXPECT_FALSE(consumer->AtEnd());
    size_t read = 0;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!consumer->AtEnd() && std::chrono::steady_clock::now() < deadline) {
      Result<Polled> polled = consumer->Poll({.max_records = 2});
      ASSERT_TRUE(polled.ok());
      read += polled->records.size();
    }
    EXPECT_TRUE(consumer->AtEnd());
    EXPECT_EQ(read, 5u);
    ASSERT_TRUE(consumer->Poll({.max_records = 0}).ok());
    EXPECT_TRUE(consumer->AtEnd()) << "a Poll that takes nothing changes nothing";
  }
  Append(topic, 1, "", "more");
  EXPECT_EQ(Take(**reader, 1).size(), 1u);
}

TEST_P(LogContract, AReaderStartsWhereItIsTold) {
  const std::string topic = MakeTopic(2);
  AppendNumbers(topic, 0, 0, 10);
  AppendNumbers(topic, 1, 0, 10);
  auto reader = log().Assign(
      {{TopicPartition{topic, Partition(0)}, Offset(7)}, {TopicPartition{topic, Partition(1)}, Offset(10)}}, nullptr);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->Assignment().size(), 2u);
  EXPECT_EQ(ValuesOf(Take(**reader, 3)), Numbers(7, 10));
  Append(topic, 1, "", "new");
  EXPECT_EQ(ValuesOf(Take(**reader, 1)), (std::vector<std::string>{"new"}));
}

TEST_P(LogContract, AStartBeyondTheEndIsAnotherLog) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 2);
  EXPECT_EQ(log().Assign({{TopicPartition{topic, Partition(0)}, Offset(3)}}, nullptr).code(), Code::kConfiguration);
}

TEST_P(LogContract, AReaderThatIsBehindRetentionIsToldOnceOfTheGap) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 10);
  auto reader = ReadFrom(topic, 0, 2);
  if (!backend().Expire({topic, Partition(0)}, Offset(6))) GTEST_SKIP() << "Retention cannot be arranged here.";
  EXPECT_EQ(log().Range({topic, Partition(0)})->first, Offset(6));
  const std::vector<Gap> gaps = TakeGaps(*ReadFrom(topic, 0, 2), 1);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].topic, topic);
  EXPECT_EQ(gaps[0].from, Offset(2));
  EXPECT_EQ(gaps[0].to, Offset(6));
  if (backend().ReadsAhead()) reader = ReadFrom(topic, 0, 2);
  std::vector<std::string> seen;
  size_t told = 0;
  for (int i = 0; i < 500 && seen.size() < 4; ++i) {
    Result<Polled> polled = reader->Poll({.max_records = 1});
    ASSERT_TRUE(polled.ok());
    told += polled->gaps.size();
    if (!polled->records.empty()) {
      EXPECT_EQ(told, 1u) << "before what follows it";
    }
    for (const Delivered& record : polled->records) seen.push_back(*record.value);
    if (polled->records.empty()) std::this_thread::sleep_for(2ms);
  }
  EXPECT_EQ(seen, Numbers(6, 10));
  ExpectNothing(*reader);
}

TEST_P(LogContract, AGroupThatIsBehindRetentionIsToldOfTheGap) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 10);
  {
    auto consumer = Subscribe("g", {topic});
    Take(*consumer, 10);
    ASSERT_TRUE(Commit(*consumer, topic, 0, 3).ok());
  }
  if (!backend().Expire({topic, Partition(0)}, Offset(10))) GTEST_SKIP() << "Retention cannot be arranged here.";
  auto consumer = Subscribe("g", {topic});
  const std::vector<Gap> gaps = TakeGaps(*consumer, 1);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].from, Offset(3));
  EXPECT_EQ(gaps[0].to, Offset(10));
  EXPECT_EQ(Append(topic, 0, "", "next"), Offset(10)) << "an empty partition keeps its place";
  EXPECT_EQ(ValuesOf(Take(*consumer, 1)), (std::vector<std::string>{"next"}));
}

TEST_P(LogContract, CompactionKeepsTheLastRecordOfEachKey) {
  const std::string topic = MakeTopic(1, /*compacted=*/true);
  for (int i = 0; i < 30; ++i) Append(topic, 0, "key" + std::to_string(i % 3), std::to_string(i));
  Append(topic, 0, "key1", std::nullopt);
  ASSERT_TRUE(log().Maintain().ok());
  auto reader = ReadFrom(topic, 0, 0);
  std::map<std::string, std::string> last;
  std::optional<Offset> offset;
  size_t count = 0;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (offset != Offset(30) && std::chrono::steady_clock::now() < deadline) {
    Result<Polled> polled = reader->Poll({});
    ASSERT_TRUE(polled.ok());
    EXPECT_TRUE(polled->gaps.empty()) << "what compaction takes is no gap";
    for (const Delivered& record : polled->records) {
      EXPECT_TRUE(!offset || *offset < record.offset);
      offset = record.offset;
      last[record.key] = record.value.value_or("-");
      ++count;
    }
  }
  EXPECT_EQ(last, (std::map<std::string, std::string>{{"key0", "27"}, {"key1", "-"}, {"key2", "29"}}));
  if (backend().CompactsAtOnce()) {
    EXPECT_EQ(count, 3u);
  }
  EXPECT_EQ(Append(topic, 0, "key0", "31"), Offset(31));
  EXPECT_EQ(ValuesOf(Take(*reader, 1)), (std::vector<std::string>{"31"}));
}

}  // namespace
}  // namespace freshet::log
