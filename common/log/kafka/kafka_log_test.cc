// What only the Kafka log promises, on a real Apache Kafka: settings of topics, floors as offsets, credentials.
#include "common/log/kafka/kafka_log.h"

#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "common/log/kafka/admin.h"
#include "common/log/kafka/client.h"
#include "tests/support/shared_kafka.h"

namespace freshet::log {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class KafkaLogTest : public testing::Test {
 protected:
  void SetUp() override {
    if (test::SharedKafka::server() == nullptr) GTEST_SKIP() << test::SharedKafka::missing();
    options_ = {.bootstrap_servers = test::SharedKafka::server()->bootstrap(), .floor_group = Name("floors")};
    log_ = std::move(*KafkaLog::Open(options_));
  }

  static std::string Name(const std::string& what) {
    return std::string("kafka_log.") + testing::UnitTest::GetInstance()->current_test_info()->name() + "." + what;
  }

  // As the broker has them.
  Admin::TopicSettings SettingsOf(const std::string& topic) {
    const Handle<rd_kafka_t> client = std::move(*NewClient(options_, Role::kAsk));
    const auto all = Admin(*client, options_).Settings({topic});
    EXPECT_TRUE(all.ok()) << all.status().ToString();
    return all.ok() && all->contains(topic) ? all->at(topic) : Admin::TopicSettings();
  }

  KafkaOptions options_;
  std::unique_ptr<KafkaLog> log_;
};

TEST_F(KafkaLogTest, TopicsAreMadeAsTheirSpecsSay) {
  const std::string kept = Name("kept");
  const std::string compacted = Name("compacted");
  ASSERT_TRUE(log_->CreateTopics({{{.name = kept, .partitions = 4, .retention_bytes = 4096}}}).ok());
  ASSERT_TRUE(log_->CreateTopics({{{.name = compacted, .partitions = 2, .compacted = true}}}).ok());
  const Admin::TopicSettings settings = SettingsOf(kept);
  EXPECT_EQ(settings.at("cleanup.policy"), "delete");
  EXPECT_EQ(settings.at("retention.ms"), "604800000");
  EXPECT_EQ(settings.at("retention.bytes"), "1024") << "an equal share for each partition";
  EXPECT_EQ(settings.at("message.timestamp.type"), "LogAppendTime");
  EXPECT_GE(std::stoul(settings.at("max.message.bytes")), 16u << 20);
  EXPECT_EQ(SettingsOf(compacted).at("cleanup.policy"), "compact");
}

TEST_F(KafkaLogTest, ATopicThatWouldRefuseRecordsOrLoseThemIsAnError) {
  const std::string topic = Name("small");
  ASSERT_TRUE(log_->CreateTopics({{{.name = topic, .partitions = 1, .max_record_bytes = 1 << 20}}}).ok());
  const Status larger = log_->CreateTopics({{{.name = topic, .partitions = 1}}});
  EXPECT_EQ(larger.code(), Code::kConfiguration);
  EXPECT_THAT(larger.message(), HasSubstr("max.message.bytes"));
  EXPECT_THAT(larger.message(), HasSubstr(topic));
  KafkaOptions careful = options_;
  careful.min_insync_replicas = 2;
  const Status fewer =
      (*KafkaLog::Open(careful))->CreateTopics({{{.name = topic, .partitions = 1, .max_record_bytes = 1 << 20}}});
  EXPECT_EQ(fewer.code(), Code::kConfiguration);
  EXPECT_THAT(fewer.message(), HasSubstr("min.insync.replicas"));
}

TEST_F(KafkaLogTest, NoTopicComesIntoBeingByBeingAskedFor) {
  const std::string topic = Name("typo");
  EXPECT_EQ(log_->Range({topic, Partition(0)}).code(), Code::kConfiguration);
  EXPECT_EQ(log_->Subscribe("g", {topic}, nullptr).code(), Code::kConfiguration);
  const NewRecord record{topic, Partition(0), "k", "v"};
  EXPECT_EQ(log_->Append({&record, 1}).code(), Code::kConfiguration);
  EXPECT_TRUE(SettingsOf(topic).empty()) << "the broker would create it";
}

TEST_F(KafkaLogTest, LagToolsSeeTheFloor) {
  const std::string topic = Name("floor");
  ASSERT_TRUE(log_->CreateTopics({{{.name = topic, .partitions = 2}}}).ok());
  const std::vector<NewRecord> records(5, NewRecord{topic, Partition(1), "k", "v"});
  ASSERT_TRUE(log_->Append(records).ok());
  ASSERT_TRUE(log_->SetRetentionFloor({topic, Partition(1)}, Offset(3)).ok());
  // On a new cluster, groups have to get a coordinator first; whoever keeps the log tries again.
  Status told = log_->Maintain();
  for (int i = 0; i < 500 && told.code() == Code::kLogUnavailable; ++i) {
    std::this_thread::sleep_for(20ms);
    told = log_->Maintain();
  }
  ASSERT_TRUE(told.ok()) << told.ToString();
  EXPECT_EQ(log_->Committed(options_.floor_group, {topic, Partition(1)})->next, Offset(3));
  ASSERT_TRUE(log_->SetRetentionFloor({topic, Partition(1)}, Offset(5)).ok());
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(log_->Committed(options_.floor_group, {topic, Partition(1)})->next, Offset(5));
}

// In the moment between the group's answer and the first assignment, librdkafka 2.0 would end the process.
TEST_F(KafkaLogTest, AMemberMayLeaveAtAnyMomentOfItsJoining) {
  const std::string topic = Name("topic");
  ASSERT_TRUE(log_->CreateTopics({{{.name = topic, .partitions = 2}}}).ok());
  std::vector<std::jthread> members;
  for (int number = 0; number < 30; ++number) {
    members.emplace_back([&, number] {
      auto member = log_->Subscribe(Name("group"), {topic}, nullptr);
      ASSERT_TRUE(member.ok()) << member.status().ToString();
      const auto end = std::chrono::steady_clock::now() + number * 50ms;
      while (std::chrono::steady_clock::now() < end) {
        EXPECT_TRUE((*member)->Poll({}).ok());
        std::this_thread::sleep_for(20ms);
      }
    });
  }
}

TEST_F(KafkaLogTest, TheLargestRecordTravelsWhole) {
  const std::string topic = Name("large");
  ASSERT_TRUE(log_->CreateTopics({{{.name = topic, .partitions = 1}}}).ok());
  std::string value((16u << 20) - 1, '\0');
  std::mt19937_64 random(1);
  for (char& byte : value) byte = static_cast<char>(random());
  const NewRecord record{topic, Partition(0), "k", value};
  ASSERT_TRUE(log_->Append({&record, 1}).ok());
  auto reader = log_->Assign({{TopicPartition{topic, Partition(0)}, Offset(0)}}, nullptr);
  ASSERT_TRUE(reader.ok());
  std::vector<Delivered> records;
  for (const auto end = std::chrono::steady_clock::now() + 20s;
       records.empty() && std::chrono::steady_clock::now() < end;) {
    Result<Polled> polled = (*reader)->Poll({});
    ASSERT_TRUE(polled.ok()) << polled.status().ToString();
    records = std::move(polled->records);
    std::this_thread::sleep_for(2ms);
  }
  ASSERT_EQ(records.size(), 1u);
  EXPECT_TRUE(records[0].value == value);
}

// What an operator may do to a topic that is in use.
void SetLimit(const KafkaOptions& options, const std::string& topic, const char* bytes) {
  const Handle<rd_kafka_t> client = std::move(*NewClient(options, Role::kAsk));
  const Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client.get()));
  const Handle<rd_kafka_ConfigResource_t> resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_set_config(resource.get(), "max.message.bytes", bytes);
  rd_kafka_ConfigResource_t* raw = resource.get();
  rd_kafka_AlterConfigs(client.get(), &raw, 1, nullptr, queue.get());
  const Handle<rd_kafka_event_t> done(rd_kafka_queue_poll(queue.get(), 20'000));
  ASSERT_NE(done, nullptr);
  ASSERT_EQ(rd_kafka_event_error(done.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(KafkaLogTest, ALimitThatIsLoweredLaterHoldsRecordsAndLosesNone) {
  const std::string topic = Name("lowered");
  ASSERT_TRUE(log_->CreateTopics({{{.name = topic, .partitions = 1, .max_record_bytes = 1 << 20}}}).ok());
  std::string value(5000, '\0');
  std::mt19937_64 random(1);
  for (char& byte : value) byte = static_cast<char>(random());
  const NewRecord record{topic, Partition(0), "k", value};
  // A broker hears of a new setting a little later.
  const auto append_until = [&](bool ok) {
    Status status = log_->Append({&record, 1}).status();
    for (int i = 0; i < 1000 && status.ok() != ok; ++i) {
      std::this_thread::sleep_for(10ms);
      status = log_->Append({&record, 1}).status();
    }
    return status;
  };
  SetLimit(options_, topic, "1000");
  const Status refused = append_until(false);
  EXPECT_EQ(refused.code(), Code::kLogUnavailable) << refused.ToString();
  EXPECT_THAT(refused.message(), HasSubstr("MSG_SIZE_TOO_LARGE"));
  SetLimit(options_, topic, "2000000");
  EXPECT_TRUE(append_until(true).ok());
}

TEST_F(KafkaLogTest, ManyPartitionsAreAskedForAtOnce) {
  const std::string topic = Name("many");
  ASSERT_TRUE(log_->CreateTopics({{{.name = topic, .partitions = 3}}}).ok());
  for (int i = 0; i < 5; ++i) {
    const NewRecord record{topic, Partition(1), "k", "v"};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  ASSERT_TRUE(log_->Trim({topic, Partition(1)}, Offset(2)).ok());
  ASSERT_TRUE(log_->SetRetentionFloor({topic, Partition(0)}, Offset(0)).ok());
  const std::vector<TopicPartition> all = {{topic, Partition(1)}, {topic, Partition(0)}, {topic, Partition(1)}};
  const Result<Ranges> ranges = RangesOf(*log_, all);
  ASSERT_TRUE(ranges.ok()) << ranges.status().ToString();
  ASSERT_EQ(ranges->size(), 2u);
  EXPECT_EQ(ranges->at(all[0]).first, Offset(2));
  EXPECT_EQ(ranges->at(all[0]).end, Offset(5));
  EXPECT_EQ(ranges->at(all[1]).end, Offset(0));
  const Result<AllProgress> progress = CommittedOf(*log_, Name("group"), all);
  ASSERT_TRUE(progress.ok()) << progress.status().ToString();
  EXPECT_EQ(progress->at(all[0]).next, Offset(2)) << "never committed: the first that is left";
  EXPECT_TRUE(RangesOf(*log_, {})->empty());
  const std::vector<TopicPartition> unknown = {{Name("typo"), Partition(0)}};
  EXPECT_EQ(RangesOf(*log_, unknown).code(), Code::kConfiguration);
}

TEST_F(KafkaLogTest, WhoNobodyAnswersIsTold) {
  EXPECT_EQ(KafkaLog::Open({}).code(), Code::kConfiguration);
  EXPECT_EQ(KafkaLog::Open({.bootstrap_servers = "127.0.0.1:1", .request_timeout = 1s}).code(), Code::kLogUnavailable);
}

TEST_F(KafkaLogTest, CredentialsOpenTheGuardedDoor) {
  KafkaOptions options{.bootstrap_servers = test::SharedKafka::server()->guarded_bootstrap()};
  options.tls = KafkaTls{.ca = test::SharedKafka::Instance().ca()};
  options.sasl =
      KafkaSasl{.mechanism = SaslMechanism::kPlain, .username = test::kGuardedUser, .password = test::kGuardedPassword};
  auto log = KafkaLog::Open(options);
  ASSERT_TRUE(log.ok()) << log.status().ToString();
  const std::string topic = Name("guarded");
  ASSERT_TRUE((*log)->CreateTopics({{{.name = topic, .partitions = 1}}}).ok());
  const NewRecord record{topic, Partition(0), "k", "v"};
  EXPECT_TRUE((*log)->Append({&record, 1}).ok());
}

TEST_F(KafkaLogTest, WrongCredentialsAreConfigurationAndNotRepeated) {
  KafkaOptions options{.bootstrap_servers = test::SharedKafka::server()->guarded_bootstrap()};
  options.tls = KafkaTls{.ca = test::SharedKafka::Instance().ca()};
  options.sasl =
      KafkaSasl{.mechanism = SaslMechanism::kPlain, .username = test::kGuardedUser, .password = "open-sesame"};
  testing::internal::CaptureStderr();
  const Status wrong = KafkaLog::Open(options).status();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(wrong.code(), Code::kConfiguration) << wrong.ToString();
  EXPECT_THAT(wrong.message(), testing::Not(HasSubstr("sesame")));
  EXPECT_THAT(said, testing::Not(HasSubstr("sesame")));
  options.tls = KafkaTls{};  // the system's authorities did not sign this broker
  options.request_timeout = 2s;
  EXPECT_EQ(KafkaLog::Open(options).code(), Code::kConfiguration);
  options.tls = KafkaTls{.ca = "no certificate"};
  EXPECT_EQ(KafkaLog::Open(options).code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::log
