// Faults that a broker answers with, injected by librdkafka's mock cluster: what each becomes, and that nothing is
// lost.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <thread>

#include "common/log/kafka/errors.h"
#include "common/log/kafka/handles.h"
#include "common/log/kafka/kafka_log.h"

namespace freshet::log {
namespace {

using namespace std::chrono_literals;

constexpr int16_t kProduce = 0;  // numbers of requests in Kafka's protocol
constexpr int16_t kFetch = 1;
constexpr int16_t kOffsetCommit = 8;
constexpr int kBrokers = 3;

class KafkaFaultTest : public testing::Test {
 protected:
  KafkaFaultTest()
      : host_(rd_kafka_new(RD_KAFKA_PRODUCER, nullptr, nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(host_.get(), kBrokers)) {
    rd_kafka_mock_topic_create(cluster_, "t", 1, kBrokers);
    log_ = std::move(*KafkaLog::Open({.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_),
                                      .delivery_timeout = 2s,
                                      .request_timeout = 2s,
                                      .heartbeat = 100ms}));
  }
  ~KafkaFaultTest() override {
    log_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
  }

  void Answer(int16_t request, std::vector<rd_kafka_resp_err_t> errors) {
    rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
  }
  Result<std::vector<Offset>> Append(const std::string& value) {
    const NewRecord record{"t", Partition(0), "k", value};
    return log_->Append({&record, 1});
  }
  std::vector<std::string> Take(Consumer& consumer, size_t count) {
    std::vector<std::string> values;
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (values.size() < count && std::chrono::steady_clock::now() < end) {
      Result<Polled> polled = consumer.Poll({});
      EXPECT_TRUE(polled.ok()) << polled.status().ToString();
      if (!polled.ok()) break;
      EXPECT_TRUE(polled->gaps.empty());
      for (const Delivered& record : polled->records) values.push_back(*record.value);
      std::this_thread::sleep_for(2ms);
    }
    return values;
  }

  Handle<rd_kafka_t> host_;
  rd_kafka_mock_cluster_t* cluster_;
  std::unique_ptr<KafkaLog> log_;
};

TEST_F(KafkaFaultTest, ALeaderThatMovesIsFollowed) {
  ASSERT_TRUE(Append("1").ok());
  Answer(kProduce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  EXPECT_TRUE(Append("2").ok());
  for (int32_t broker = 1; broker <= kBrokers; ++broker) {
    rd_kafka_mock_partition_set_leader(cluster_, "t", 0, broker);
    EXPECT_TRUE(Append(std::to_string(broker + 2)).ok());
  }
  auto reader = log_->Assign({{TopicPartition{"t", Partition(0)}, Offset(0)}}, nullptr);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(Take(**reader, 5), (std::vector<std::string>{"1", "2", "3", "4", "5"}));
}

TEST_F(KafkaFaultTest, RepliesThatAreLateAndReplicasThatAreFewAreWaitedFor) {
  Answer(kProduce, {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                    RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR});
  EXPECT_TRUE(Append("1").ok());
}

TEST_F(KafkaFaultTest, WhatABrokerRefusesHasItsCode) {
  ASSERT_TRUE(Append("before").ok());
  Answer(kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  EXPECT_EQ(Append("large").code(), Code::kDocumentTooLarge);
  EXPECT_TRUE(Append("after").ok());
  Answer(kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const Status refused = Append("forbidden").status();
  EXPECT_EQ(refused.code(), Code::kConfiguration);
  EXPECT_EQ(refused.message(), "kafka=TOPIC_AUTHORIZATION_FAILED topic=t partition=0");
}

TEST_F(KafkaFaultTest, BrokersThatAreAwayAreRetriedAndComeBack) {
  ASSERT_TRUE(Append("1").ok());
  for (int32_t broker = 1; broker <= kBrokers; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
  const Status away = Append("2").status();
  EXPECT_EQ(away.code(), Code::kLogUnavailable);
  EXPECT_EQ(DispositionOf(away.code()), Disposition::kRetry);
  for (int32_t broker = 1; broker <= kBrokers; ++broker) rd_kafka_mock_broker_set_up(cluster_, broker);
  Result<std::vector<Offset>> again = Append("2");
  for (int i = 0; i < 5 && !again.ok(); ++i) again = Append("2");
  EXPECT_TRUE(again.ok()) << again.status().ToString();
}

TEST_F(KafkaFaultTest, AFetchThatFailsIsFetchedAgainAndNothingIsMissed) {
  for (const char* value : {"1", "2", "3"}) ASSERT_TRUE(Append(value).ok());
  Answer(kFetch, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE,
                  RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  auto reader = log_->Assign({{TopicPartition{"t", Partition(0)}, Offset(1)}}, nullptr);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(Take(**reader, 2), (std::vector<std::string>{"2", "3"})) << "an offset that is there is no gap";
}

TEST_F(KafkaFaultTest, ACommitThatTheCoordinatorFencesIsRetry) {
  for (const char* value : {"1", "2"}) ASSERT_TRUE(Append(value).ok());
  auto member = log_->Subscribe("g", {"t"}, nullptr);
  ASSERT_TRUE(member.ok());
  ASSERT_EQ(Take(**member, 2).size(), 2u);
  const std::pair<TopicPartition, Progress> progress{{"t", Partition(0)}, {Offset(2), "m"}};
  Answer(kOffsetCommit, {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION});
  EXPECT_EQ((*member)->Commit({&progress, 1}).code(), Code::kLogUnavailable);
}

TEST(KafkaCodesTest, EveryDispositionIsMeant) {
  EXPECT_EQ(CodeOf(RD_KAFKA_RESP_ERR_NO_ERROR), Code::kOk);
  for (const auto error : {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
                           RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                           RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID}) {
    EXPECT_EQ(CodeOf(error), Code::kLogUnavailable) << rd_kafka_err2name(error);
  }
  for (const auto error : {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION,
                           RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC}) {
    EXPECT_EQ(CodeOf(error), Code::kConfiguration) << rd_kafka_err2name(error);
  }
  EXPECT_EQ(StatusOf(RD_KAFKA_RESP_ERR__TRANSPORT, Where("t", Partition(3))).ToString(),
            "log_unavailable: kafka=_TRANSPORT topic=t partition=3");
}

}  // namespace
}  // namespace freshet::log
