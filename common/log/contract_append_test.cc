// The contract of Append, CreateTopics and Range: order, offsets, durability, limits, what a record may hold.
#include <atomic>
#include <thread>

#include "common/log/contract.h"

namespace freshet::log {
namespace {

TEST_P(LogContract, OffsetsCountUpInEachPartitionInTheOrderGiven) {
  const std::string topic = MakeTopic(2);
  const std::vector<NewRecord> records = {{topic, Partition(0), "a", "1"},
                                          {topic, Partition(1), "b", "2"},
                                          {topic, Partition(0), "c", "3"},
                                          {topic, Partition(0), "d", "4"}};
  Result<std::vector<Offset>> offsets = log().Append(records);
  ASSERT_TRUE(offsets.ok()) << offsets.status().ToString();
  EXPECT_EQ(*offsets, (std::vector{Offset(0), Offset(0), Offset(1), Offset(2)}));
  EXPECT_EQ(Append(topic, 1, "e", "5"), Offset(1));
  const auto first = log().Range({topic, Partition(0)});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->first, Offset(0));
  EXPECT_EQ(first->end, Offset(3));

  auto reader = ReadFrom(topic, 0, 0);
  std::vector<std::string> read;
  for (const Delivered& record : Take(*reader, 3)) read.push_back(Describe(record));
  EXPECT_EQ(read, (std::vector<std::string>{"0@0 a=1", "0@1 c=3", "0@2 d=4"}));
}

TEST_P(LogContract, RecordsOfSeveralTopicsGoInOneAppend) {
  const std::string one = MakeTopic(1);
  const std::string two = MakeTopic(1);
  const std::vector<NewRecord> records = {{one, Partition(0), "", "1"}, {two, Partition(0), "", "2"}};
  ASSERT_TRUE(log().Append(records).ok());
  auto reader = ReadFrom(two, 0, 0);
  EXPECT_EQ(ValuesOf(Take(*reader, 1)), (std::vector<std::string>{"2"}));
}

TEST_P(LogContract, AnAppendOfNothingIsFine) {
  Result<std::vector<Offset>> offsets = log().Append({});
  ASSERT_TRUE(offsets.ok());
  EXPECT_TRUE(offsets->empty());
}

TEST_P(LogContract, AcknowledgedRecordsSurviveAReopen) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 10);
  backend().Reopen();
  AppendNumbers(topic, 0, 10, 12);
  auto reader = ReadFrom(topic, 0, 0);
  EXPECT_EQ(ValuesOf(Take(*reader, 12)), Numbers(0, 12));
}

// DESIGN §4.4.
TEST_P(LogContract, AcknowledgedRecordsSurviveACrash) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 10);
  if (!backend().Crash()) GTEST_SKIP() << "This backend cannot be crashed from here.";
  EXPECT_EQ(log().Range({topic, Partition(0)})->end, Offset(10));
  AppendNumbers(topic, 0, 10, 12);
  auto reader = ReadFrom(topic, 0, 0);
  EXPECT_EQ(ValuesOf(Take(*reader, 12)), Numbers(0, 12));
}

TEST_P(LogContract, ConcurrentProducersLoseAndDoubleNothing) {
  constexpr int kThreads = 8;
  constexpr int kEach = 40;
  const std::string topic = MakeTopic(2);
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const NewRecord record{topic, Partition(thread % 2u), std::to_string(thread), std::to_string(i)};
        if (!log().Append({&record, 1}).ok()) ++failed;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(failed, 0);
  std::map<std::string, std::vector<std::string>> by_producer;
  for (uint32_t partition : {0u, 1u}) {
    auto reader = ReadFrom(topic, partition, 0);
    uint64_t next = 0;
    for (const Delivered& record : Take(*reader, kThreads / 2 * kEach)) {
      EXPECT_EQ(record.offset.value, next++);
      by_producer[record.key].push_back(*record.value);
    }
  }
  EXPECT_EQ(by_producer.size(), static_cast<size_t>(kThreads));
  for (const auto& [producer, values] : by_producer) EXPECT_EQ(values, Numbers(0, kEach));
}

TEST_P(LogContract, AnEmptyValueIsNoTombstone) {
  const std::string topic = MakeTopic(1);
  Append(topic, 0, "k", "");
  Append(topic, 0, "k", std::nullopt);
  auto reader = ReadFrom(topic, 0, 0);
  const std::vector<Delivered> records = Take(*reader, 2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].value, std::optional<std::string>(""));
  EXPECT_EQ(records[1].value, std::nullopt);
}

TEST_P(LogContract, KeysAndValuesAreBytes) {
  const std::string topic = MakeTopic(1);
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  Append(topic, 0, bytes, bytes + bytes);
  Append(topic, 0, std::string("\0", 1), std::string("\0\0", 2));
  auto reader = ReadFrom(topic, 0, 0);
  const std::vector<Delivered> records = Take(*reader, 2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].key, bytes);
  EXPECT_EQ(records[0].value, bytes + bytes);
  EXPECT_EQ(records[1].key, std::string("\0", 1));
  EXPECT_EQ(records[1].value, std::string("\0\0", 2));
}

TEST_P(LogContract, AnOversizedRecordIsRefusedBeforeAnythingIsWritten) {
  const std::string topic = MakeTopic(TopicSpec{.name = "", .partitions = 1, .max_record_bytes = 4096});
  const std::vector<NewRecord> records = {{topic, Partition(0), "", "small"},
                                          {topic, Partition(0), std::string(3000, 'k'), std::string(1097, 'v')}};
  EXPECT_EQ(log().Append(records).code(), Code::kDocumentTooLarge);
  EXPECT_EQ(log().Range({topic, Partition(0)})->end, Offset(0));
  Append(topic, 0, std::string(3000, 'k'), std::string(1000, 'v'));
}

TEST_P(LogContract, UnknownTopicsAndPartitionsAreConfiguration) {
  const std::string topic = MakeTopic(2);
  const auto append = [&](const std::string& name, uint32_t partition) {
    const NewRecord record{name, Partition(partition), "", "v"};
    return log().Append({&record, 1}).code();
  };
  EXPECT_EQ(append(topic + ".unknown", 0), Code::kConfiguration);
  EXPECT_EQ(append(topic, 2), Code::kConfiguration);
  EXPECT_EQ(log().Range({topic, Partition(2)}).code(), Code::kConfiguration);
  EXPECT_EQ(log().Committed("g", {topic + ".unknown", Partition(0)}).code(), Code::kConfiguration);
  EXPECT_EQ(log().Subscribe("g", {topic + ".unknown"}, nullptr).code(), Code::kConfiguration);
  EXPECT_EQ(log().Assign({{TopicPartition{topic, Partition(9)}, Offset(0)}}, nullptr).code(), Code::kConfiguration);
}

TEST_P(LogContract, CreatingATopicAgainIsFineUnlessItIsAnother) {
  const std::string topic = MakeTopic(2);
  AppendNumbers(topic, 0, 0, 3);
  EXPECT_TRUE(log().CreateTopics({{{.name = topic, .partitions = 2}}}).ok());
  EXPECT_EQ(log().CreateTopics({{{.name = topic, .partitions = 3}}}).code(), Code::kConfiguration);
  EXPECT_EQ(log().CreateTopics({{{.name = topic, .partitions = 2, .compacted = true}}}).code(), Code::kConfiguration);
  backend().Reopen();
  EXPECT_EQ(log().CreateTopics({{{.name = topic, .partitions = 1}}}).code(), Code::kConfiguration);
  EXPECT_TRUE(log().CreateTopics({{{.name = topic, .partitions = 2}}}).ok());
  EXPECT_EQ(log().Range({topic, Partition(0)})->end, Offset(3));
}

TEST_P(LogContract, AppendedTimesDoNotGoBack) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 3);
  AppendNumbers(topic, 0, 3, 6);
  auto reader = ReadFrom(topic, 0, 0);
  Time last;
  for (const Delivered& record : Take(*reader, 6)) {
    EXPECT_GE(record.appended, last);
    last = record.appended;
  }
  EXPECT_GT(last, Time());
}

}  // namespace
}  // namespace freshet::log
