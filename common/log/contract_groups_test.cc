// The contract of groups: progress, sharing out, rebalancing, fencing.
#include <chrono>
#include <thread>

#include "common/log/contract.h"

namespace freshet::log {
namespace {

using namespace std::chrono_literals;

std::set<uint32_t> PartitionsOf(Consumer& consumer) {
  std::set<uint32_t> partitions;
  for (const TopicPartition& partition : consumer.Assignment()) partitions.insert(partition.partition.value);
  return partitions;
}

// Polls the members in turn, as their threads would, until `settled` holds of their partitions.
template <class Settled>
bool Settle(std::vector<Consumer*> members, Settled settled) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < deadline) {
    for (Consumer* member : members) EXPECT_TRUE(member->Poll({.max_records = 0}).ok());
    if (settled()) return true;
    std::this_thread::sleep_for(2ms);
  }
  return false;
}

TEST_P(LogContract, AGroupResumesWhereItCommitted) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 10);
  const std::string accounts("\0accounts", 9);
  {
    auto consumer = Subscribe("g", {topic});
    Take(*consumer, 10);
    ASSERT_TRUE(Commit(*consumer, topic, 0, 4, accounts).ok());
  }
  backend().Reopen();
  const auto committed = log().Committed(topic + ".g", {topic, Partition(0)});
  ASSERT_TRUE(committed.ok());
  EXPECT_EQ(committed->next, Offset(4));
  EXPECT_EQ(committed->metadata, accounts);
  auto consumer = Subscribe("g", {topic});
  EXPECT_EQ(ValuesOf(Take(*consumer, 6)), Numbers(4, 10));
}

TEST_P(LogContract, CommittedProgressSurvivesACrash) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 10);
  {
    auto consumer = Subscribe("g", {topic});
    Take(*consumer, 10);
    ASSERT_TRUE(Commit(*consumer, topic, 0, 7, "m").ok());
  }
  if (!backend().Crash()) GTEST_SKIP() << "This backend cannot be crashed from here.";
  EXPECT_EQ(log().Committed(topic + ".g", {topic, Partition(0)})->next, Offset(7));
  EXPECT_EQ(log().Committed(topic + ".g", {topic, Partition(0)})->metadata, "m");
}

TEST_P(LogContract, WhatWasNotCommittedComesAgain) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 5);
  { EXPECT_EQ(Take(*Subscribe("g", {topic}), 5).size(), 5u); }
  EXPECT_EQ(ValuesOf(Take(*Subscribe("g", {topic}), 5)), Numbers(0, 5));
}

TEST_P(LogContract, AGroupThatNeverCommittedIsAtTheFirstRecord) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 5);
  const auto committed = log().Committed(topic + ".new", {topic, Partition(0)});
  ASSERT_TRUE(committed.ok());
  EXPECT_EQ(committed->next, Offset(0));
  EXPECT_EQ(committed->metadata, "");
}

TEST_P(LogContract, GroupsDoNotDisturbEachOther) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 5);
  auto one = Subscribe("one", {topic});
  auto two = Subscribe("two", {topic});
  Take(*one, 5);
  ASSERT_TRUE(Commit(*one, topic, 0, 5).ok());
  EXPECT_EQ(ValuesOf(Take(*two, 5)), Numbers(0, 5));
  EXPECT_EQ(log().Committed(topic + ".two", {topic, Partition(0)})->next, Offset(0));
}

TEST_P(LogContract, MembersShareTheWorkAndEachRecordReachesOne) {
  const std::string topic = MakeTopic(4);
  auto one = Subscribe("g", {topic});
  auto two = Subscribe("g", {topic});
  ASSERT_TRUE(
      Settle({one.get(), two.get()}, [&] { return PartitionsOf(*one).size() == 2 && PartitionsOf(*two).size() == 2; }));
  std::set<uint32_t> all = PartitionsOf(*one);
  all.merge(PartitionsOf(*two));
  EXPECT_EQ(all.size(), 4u);
  for (uint32_t partition = 0; partition < 4; ++partition) AppendNumbers(topic, partition, 0, 10);
  std::set<std::string> seen;
  for (Consumer* member : {one.get(), two.get()}) {
    for (const Delivered& record : Take(*member, 20)) EXPECT_TRUE(seen.insert(Describe(record)).second);
  }
  EXPECT_EQ(seen.size(), 40u);
}

TEST_P(LogContract, AMemberThatLeavesHandsItsPartitionsOver) {
  const std::string topic = MakeTopic(2);
  auto stays = Subscribe("g", {topic});
  auto leaves = Subscribe("g", {topic});
  ASSERT_TRUE(Settle({stays.get(), leaves.get()},
                     [&] { return PartitionsOf(*stays).size() == 1 && PartitionsOf(*leaves).size() == 1; }));
  const uint32_t lost = *PartitionsOf(*leaves).begin();
  AppendNumbers(topic, lost, 0, 6);
  Take(*leaves, 6);
  ASSERT_TRUE(Commit(*leaves, topic, lost, 4).ok());
  leaves.reset();
  ASSERT_TRUE(Settle({stays.get()}, [&] { return PartitionsOf(*stays).size() == 2; }));
  EXPECT_EQ(ValuesOf(Take(*stays, 2)), Numbers(4, 6)) << "from where the group is";
}

TEST_P(LogContract, ALostPartitionCannotBeCommitted) {
  const std::string topic = MakeTopic(2);
  AppendNumbers(topic, 0, 0, 10);
  AppendNumbers(topic, 1, 0, 10);
  auto old = Subscribe("g", {topic});
  Take(*old, 20);
  auto joined = Subscribe("g", {topic});
  ASSERT_TRUE(Settle({old.get(), joined.get()},
                     [&] { return PartitionsOf(*old).size() == 1 && PartitionsOf(*joined).size() == 1; }));
  const uint32_t kept = *PartitionsOf(*old).begin();
  const uint32_t lost = 1 - kept;
  Take(*joined, 10);
  ASSERT_TRUE(Commit(*joined, topic, lost, 8, "new owner").ok());

  EXPECT_TRUE(old->Owns({topic, Partition(kept)}));
  EXPECT_FALSE(old->Owns({topic, Partition(lost)}));
  EXPECT_EQ(Commit(*old, topic, lost, 5, "old owner").code(), Code::kLogUnavailable);
  const std::vector<std::pair<TopicPartition, Progress>> both = {{{topic, Partition(kept)}, {Offset(9), ""}},
                                                                 {{topic, Partition(lost)}, {Offset(5), ""}}};
  EXPECT_EQ(old->Commit(both).code(), Code::kLogUnavailable);
  EXPECT_EQ(log().Committed(topic + ".g", {topic, Partition(kept)})->next, Offset(0)) << "all or nothing";
  EXPECT_EQ(log().Committed(topic + ".g", {topic, Partition(lost)})->metadata, "new owner");
  EXPECT_TRUE(Commit(*old, topic, kept, 9).ok());
}

// Taken away and given back: what was read before may not be committed for what is read now.
TEST_P(LogContract, APartitionThatComesBackIsUnderAnotherTenure) {
  const std::string topic = MakeTopic(2);
  for (uint32_t partition = 0; partition < 2; ++partition) AppendNumbers(topic, partition, 0, 6);
  auto stays = Subscribe("g", {topic});
  Take(*stays, 12);
  std::map<uint32_t, uint64_t> before;
  for (const uint32_t partition : {0u, 1u}) before[partition] = stays->Tenure({topic, Partition(partition)});
  auto leaves = Subscribe("g", {topic});
  ASSERT_TRUE(Settle({stays.get(), leaves.get()},
                     [&] { return PartitionsOf(*stays).size() == 1 && PartitionsOf(*leaves).size() == 1; }));
  const uint32_t kept = *PartitionsOf(*stays).begin();
  const TopicPartition back{topic, Partition(1 - kept)};
  EXPECT_EQ(stays->Tenure(back), 0u);
  leaves.reset();
  ASSERT_TRUE(Settle({stays.get()}, [&] { return PartitionsOf(*stays).size() == 2; }));

  EXPECT_EQ(stays->Tenure({topic, Partition(kept)}), before[kept]) << "it was never away";
  EXPECT_GT(stays->Tenure(back), before[1 - kept]);
  const auto commit = [&](uint64_t next, uint64_t tenure) {
    const std::pair<TopicPartition, Progress> progress{back, {Offset(next), "", tenure}};
    return stays->Commit({&progress, 1});
  };
  EXPECT_EQ(commit(6, before[1 - kept]).code(), Code::kLogUnavailable);
  EXPECT_EQ(log().Committed(topic + ".g", back)->next, Offset(0));
  EXPECT_EQ(ValuesOf(Take(*stays, 6)), Numbers(0, 6)) << "delivered again";
  EXPECT_TRUE(commit(3, stays->Tenure(back)).ok());
  EXPECT_EQ(log().Committed(topic + ".g", back)->next, Offset(3));
}

TEST_P(LogContract, CommitsComeFromAnyThread) {
  const std::string topic = MakeTopic(4);
  for (uint32_t partition = 0; partition < 4; ++partition) AppendNumbers(topic, partition, 0, 20);
  auto consumer = Subscribe("g", {topic});
  Take(*consumer, 80);
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  for (uint32_t partition = 0; partition < 4; ++partition) {
    threads.emplace_back([&, partition] {
      for (uint64_t next = 1; next <= 20; ++next) failed += Commit(*consumer, topic, partition, next).ok() ? 0 : 1;
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(consumer->Poll({}).ok());
  threads.clear();
  EXPECT_EQ(failed, 0);
  for (uint32_t partition = 0; partition < 4; ++partition) {
    EXPECT_EQ(log().Committed(topic + ".g", {topic, Partition(partition)})->next, Offset(20));
  }
}

TEST_P(LogContract, AReaderOutsideAGroupCannotCommit) {
  const std::string topic = MakeTopic(1);
  AppendNumbers(topic, 0, 0, 1);
  auto reader = ReadFrom(topic, 0, 0);
  EXPECT_EQ(Commit(*reader, topic, 0, 1).code(), Code::kConfiguration);
}

TEST_P(LogContract, AGroupReadsSeveralTopics) {
  const std::string live = MakeTopic(2);
  const std::string backfill = MakeTopic(2);
  AppendNumbers(live, 0, 0, 3);
  AppendNumbers(backfill, 1, 0, 4);
  auto consumer = Subscribe("g", {live, backfill});
  std::map<std::string, size_t> counts;
  for (const Delivered& record : Take(*consumer, 7)) ++counts[record.topic];
  EXPECT_EQ(counts[live], 3u);
  EXPECT_EQ(counts[backfill], 4u);
}

}  // namespace
}  // namespace freshet::log
