// The Debezium connector's reader on a real broker.
#include <gmock/gmock.h>

#include <thread>

#include "common/config/yaml.h"
#include "common/log/kafka/kafka_log.h"
#include "connectors/debezium/testing.h"
#include "tests/support/shared_kafka.h"

namespace freshet::debezium {
namespace {

using ::testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(60);

class DebeziumKafkaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (test::SharedKafka::server() == nullptr) GTEST_SKIP() << test::SharedKafka::missing();
    prefix_ = std::string("d") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    bootstrap_ = test::SharedKafka::server()->bootstrap();
    auto log = log::KafkaLog::Open({.bootstrap_servers = bootstrap_});
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    log_ = std::move(*log);
  }
  std::string Topic() const { return prefix_ + ".public.note"; }
  void CreateTopic() {
    const log::TopicSpec spec{.name = Topic(), .partitions = 3};
    ASSERT_TRUE(log_->CreateTopics({&spec, 1}).ok());
  }
  void Append(int id, std::optional<std::string> value) {
    const log::NewRecord record{Topic(), Partition(static_cast<uint32_t>(id) % 3), KeyOf(id), std::move(value)};
    const auto appended = log_->Append({&record, 1});
    ASSERT_TRUE(appended.ok()) << appended.status().ToString();
  }
  void Put(int id, const std::string& body) {
    Append(id, RecordOf({.op = "u", .place = place_ += 64, .after = NoteRow(id, body)}));
  }
  Result<std::unique_ptr<Connector>> Make(const std::string& more = "") const {
    const std::string yaml =
        "kafka: {bootstrap_servers: \"" + bootstrap_ + "\"}\nprefix: " + prefix_ +
        "\nsettle: 0ms\nheartbeat: 10ms\nmapping: {documents: [{table: public.note, id: \"note/{id}\", "
        "content: \"{body}\"}]}\n" +
        more;
    FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(yaml, {.name = "t"}));
    return MakeDebeziumConnector(node);
  }
  std::map<std::string, std::string> Contents() const {
    kit::ModelSink sink;
    for (const kit::Published& one : host_.published) sink.Apply(one.event);
    return sink.Contents();
  }
  // Until these are the documents; the last code of a step.
  Code RunUntil(Connector& connector, const std::map<std::string, std::string>& wanted) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    Code last = Code::kOk;
    while (Contents() != wanted && std::chrono::steady_clock::now() < end) {
      const Result<bool> did = connector.Step(host_);
      last = did.code();
      if (last == Code::kConfiguration) return last;
      if (!did.ok() || !*did) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(Contents(), wanted);
    return last;
  }

  std::string prefix_, bootstrap_;
  std::unique_ptr<log::KafkaLog> log_;
  kit::KitHost host_;
  uint64_t place_ = 1024;
};

TEST_F(DebeziumKafkaTest, ReadsAllPartitionsAndGoesOnWhereItWas) {
  CreateTopic();
  for (int id = 0; id < 6; ++id) Put(id, "one");
  std::map<std::string, std::string> wanted;
  for (int id = 0; id < 6; ++id) wanted["note/" + std::to_string(id)] = "one";
  {
    auto connector = Make();
    ASSERT_TRUE(connector.ok()) << connector.status().ToString();
    EXPECT_TRUE((*connector)->Check().ok());
    EXPECT_EQ(RunUntil(**connector, wanted), Code::kOk);
    for (int i = 0; i < 3; ++i) (void)(*connector)->Step(host_);  // stores its position
  }
  const size_t published = host_.published.size();
  Put(4, "two");
  Append(5, RecordOf({.op = "d", .place = place_ += 64, .before = NoteRow(5, "")}));
  Append(5, std::nullopt);
  wanted["note/4"] = "two";
  wanted.erase("note/5");
  auto again = Make();
  EXPECT_EQ(RunUntil(**again, wanted), Code::kOk);
  EXPECT_LE(host_.published.size(), published + 4);  // a list, an update, a delete: not all of it anew
}

TEST_F(DebeziumKafkaTest, ATopicThatIsNotThereIsAMistakeOfTheConfiguration) {
  auto connector = Make();
  ASSERT_TRUE(connector.ok());
  EXPECT_EQ((*connector)->Check().code(), Code::kConfiguration);
  EXPECT_THAT((*connector)->Check().message(), HasSubstr(Topic()));
  EXPECT_EQ((*connector)->Step(host_).code(), Code::kConfiguration);
}

TEST_F(DebeziumKafkaTest, NothingIsVouchedForWhileAWitnessIsMissing) {
  CreateTopic();
  Put(1, "one");
  auto connector = Make("witnesses: [" + prefix_ + ".public.heartbeat]\n");
  EXPECT_EQ(RunUntil(**connector, {{"note/1", "one"}}), Code::kOk);
  for (int i = 0; i < 50; ++i) (void)(*connector)->Step(host_);
  EXPECT_TRUE(host_.beats.empty());
}

TEST_F(DebeziumKafkaTest, WhatRetentionTookStopsIt) {
  CreateTopic();
  Put(3, "one");
  auto connector = Make();
  EXPECT_EQ(RunUntil(**connector, {{"note/3", "one"}}), Code::kOk);
  for (int i = 0; i < 3; ++i) (void)(*connector)->Step(host_);
  connector->reset();
  Put(3, "two"), Put(3, "three");
  ASSERT_TRUE(log_->Trim({Topic(), Partition(0)}, Offset(2)).ok());
  auto stopped = Make();
  EXPECT_EQ(RunUntil(**stopped, {{"note/3", "three"}}), Code::kConfiguration);
  auto on = Make("on_gap: go_on\n");
  EXPECT_EQ(RunUntil(**on, {{"note/3", "three"}}), Code::kOk);
}

// The rows of a snapshot that retention has taken are documents that nobody would ever tell.
TEST_F(DebeziumKafkaTest, ATopicWhoseBeginningIsGoneStopsItToo) {
  CreateTopic();
  Put(3, "one"), Put(4, "one"), Put(6, "one");
  ASSERT_TRUE(log_->Trim({Topic(), Partition(0)}, Offset(1)).ok());
  auto stopped = Make();
  EXPECT_EQ(RunUntil(**stopped, {{"note/4", "one"}, {"note/6", "one"}}), Code::kConfiguration);
  auto on = Make("on_gap: go_on\n");
  EXPECT_EQ(RunUntil(**on, {{"note/4", "one"}, {"note/6", "one"}}), Code::kOk);
}

TEST_F(DebeziumKafkaTest, WhatARealDebeziumWroteComesThrough) {
  if (!RecordingsAreHere()) GTEST_SKIP() << kNoRecordings;
  prefix_ = "dbs";
  CreateTopic();
  MemoryTopics recorded;
  for (const char* const name : {"snapshot", "insert", "update", "delete", "schema_change"}) {
    recorded.Load(RecordingOf(name), [](const auto& one) { return one.topic == "dbs.public.note"; });
  }
  size_t count = 0;
  for (const auto& [partition, rows] : recorded.partitions) {
    for (const log::Delivered& row : rows) {
      const log::NewRecord record{Topic(), Partition(0), row.key, row.value};
      ASSERT_TRUE(log_->Append({&record, 1}).ok());
      ++count;
    }
  }
  ASSERT_GT(count, 8u);
  auto connector = Make();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!Contents().contains("note/52") && std::chrono::steady_clock::now() < end) (void)(*connector)->Step(host_);
  EXPECT_EQ(Contents()["note/52"], "type changed");
  EXPECT_THAT(Contents()["note/3"], HasSubstr("Zoë Müller"));
}

}  // namespace
}  // namespace freshet::debezium
