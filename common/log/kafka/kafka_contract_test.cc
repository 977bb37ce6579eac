// The Kafka log passes the contract, on a real Apache Kafka: one broker for the whole program.
#include "common/log/contract.h"
#include "common/log/kafka/kafka_log.h"
#include "tests/support/shared_kafka.h"

namespace freshet::log {
namespace {

class KafkaBackend : public Backend {
 public:
  KafkaBackend() { Open(); }

  Log& log() override { return *log_; }
  void Reopen() override {
    log_.reset();
    Open();
  }
  // The process dies, its machine does not: one broker promises no more.
  bool Crash() override {
    test::SharedKafka::server()->Kill();
    log_.reset();
    const Status again = test::SharedKafka::server()->Launch();
    EXPECT_TRUE(again.ok()) << again.ToString();
    Open();
    return true;
  }
  bool Expire(const TopicPartition& partition, Offset first) override {
    const Status status = log_->Trim(partition, first);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return status.ok();
  }
  bool ReadsAhead() const override { return true; }

 private:
  void Open() {
    Result<std::unique_ptr<KafkaLog>> log = KafkaLog::Open(
        {.bootstrap_servers = test::SharedKafka::server()->bootstrap(), .heartbeat = std::chrono::milliseconds(100)});
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    log_ = std::move(*log);
  }

  std::unique_ptr<KafkaLog> log_;
};

INSTANTIATE_TEST_SUITE_P(Kafka, LogContract,
                         testing::Values(BackendFactory{"kafka",
                                                        []() -> std::unique_ptr<Backend> {
                                                          if (test::SharedKafka::server() == nullptr) return nullptr;
                                                          return std::make_unique<KafkaBackend>();
                                                        }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace freshet::log
