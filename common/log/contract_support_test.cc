#include <unistd.h>

#include <chrono>
#include <thread>

#include "common/log/contract.h"

namespace freshet::log {
namespace {

using namespace std::chrono_literals;

// A backend over a network may need this long until a member has its partitions and a record has arrived.
constexpr auto kPatience = 20s;
constexpr auto kMoment = 2ms;
constexpr auto kArrival = 1s;

template <class Enough>
void PollUntil(Consumer& consumer, PollLimits limits, Enough enough) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    Result<Polled> polled = consumer.Poll(limits);
    ASSERT_TRUE(polled.ok()) << polled.status().ToString();
    if (enough(*polled)) return;
    if (polled->records.empty()) std::this_thread::sleep_for(kMoment);
  }
}

}  // namespace

std::string LogContract::MakeTopic(uint32_t partitions, bool compacted) {
  return MakeTopic(TopicSpec{.name = "", .partitions = partitions, .compacted = compacted});
}

std::string LogContract::MakeTopic(TopicSpec spec) {
  static std::atomic<int> count = 0;
  const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  spec.name =
      "contract." + test.substr(0, test.find('/')) + "." + std::to_string(getpid()) + "." + std::to_string(count++);
  const Status status = log().CreateTopics({{spec}});
  EXPECT_TRUE(status.ok()) << status.ToString();
  return spec.name;
}

Offset LogContract::Append(const std::string& topic, uint32_t partition, const std::string& key,
                           std::optional<std::string> value) {
  const NewRecord record{topic, Partition(partition), key, std::move(value)};
  Result<std::vector<Offset>> offsets = log().Append({&record, 1});
  EXPECT_TRUE(offsets.ok()) << offsets.status().ToString();
  return offsets.ok() ? offsets->at(0) : Offset();
}

void LogContract::AppendNumbers(const std::string& topic, uint32_t partition, int from, int to) {
  // The first alone: of a partition that has just been made a broker may refuse it for a moment, and take what was sent
  // behind it before it comes again. Append then fails as unavailable, and its caller repeats it all; a test counts.
  Append(topic, partition, "", std::to_string(from));
  std::vector<NewRecord> rest;
  for (const std::string& number : Numbers(from + 1, to)) rest.push_back({topic, Partition(partition), "", number});
  const Result<std::vector<Offset>> offsets = log().Append(rest);
  ASSERT_TRUE(offsets.ok()) << offsets.status().ToString();
}

std::vector<Delivered> LogContract::Take(Consumer& consumer, size_t count, PollLimits limits) {
  std::vector<Delivered> records;
  PollUntil(consumer, limits, [&](Polled& polled) {
    EXPECT_TRUE(polled.gaps.empty());
    std::ranges::move(polled.records, std::back_inserter(records));
    return records.size() >= count;
  });
  EXPECT_EQ(records.size(), count);
  return records;
}

std::vector<Gap> LogContract::TakeGaps(Consumer& consumer, size_t count) {
  std::vector<Gap> gaps;
  PollUntil(consumer, {}, [&](Polled& polled) {
    std::ranges::move(polled.gaps, std::back_inserter(gaps));
    return gaps.size() >= count;
  });
  EXPECT_EQ(gaps.size(), count);
  return gaps;
}

void LogContract::LetArrive(Consumer& consumer) {
  if (!backend().ReadsAhead()) return;
  const auto deadline = std::chrono::steady_clock::now() + kArrival;
  while (std::chrono::steady_clock::now() < deadline) {
    ASSERT_TRUE(consumer.Poll({.max_records = 0}).ok());
    std::this_thread::sleep_for(kMoment);
  }
}

void LogContract::ExpectNothing(Consumer& consumer) {
  for (int i = 0; i < 20; ++i) {
    Result<Polled> polled = consumer.Poll({});
    ASSERT_TRUE(polled.ok()) << polled.status().ToString();
    EXPECT_TRUE(polled->records.empty());
    EXPECT_TRUE(polled->gaps.empty());
    std::this_thread::sleep_for(kMoment);
  }
}

std::unique_ptr<Consumer> LogContract::Subscribe(const std::string& group, const std::vector<std::string>& topics,
                                                 Waker* waker) {
  // Of this test's topics alone, as those are.
  Result<std::unique_ptr<Consumer>> consumer = log().Subscribe(topics[0] + "." + group, topics, waker);
  EXPECT_TRUE(consumer.ok()) << consumer.status().ToString();
  return consumer.ok() ? std::move(*consumer) : nullptr;
}

std::unique_ptr<Consumer> LogContract::ReadFrom(const std::string& topic, uint32_t partition, uint64_t offset,
                                                Waker* waker) {
  Result<std::unique_ptr<Consumer>> consumer =
      log().Assign({{TopicPartition{topic, Partition(partition)}, Offset(offset)}}, waker);
  EXPECT_TRUE(consumer.ok()) << consumer.status().ToString();
  return consumer.ok() ? std::move(*consumer) : nullptr;
}

Status LogContract::Commit(Consumer& consumer, const std::string& topic, uint32_t partition, uint64_t next,
                           const std::string& metadata) {
  const std::pair<TopicPartition, Progress> progress{{topic, Partition(partition)}, {Offset(next), metadata}};
  return consumer.Commit({&progress, 1});
}

std::string Describe(const Delivered& record) {
  return std::to_string(record.partition.value) + "@" + std::to_string(record.offset.value) + " " + record.key + "=" +
         record.value.value_or("-");
}

std::vector<std::string> ValuesOf(const std::vector<Delivered>& records) {
  std::vector<std::string> values;
  for (const Delivered& record : records) values.push_back(record.value.value_or("-"));
  return values;
}

std::vector<std::string> Numbers(int from, int to) {
  std::vector<std::string> numbers;
  for (int i = from; i < to; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

}  // namespace freshet::log
