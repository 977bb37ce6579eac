// SharedKafka: one real Kafka for all tests of a program; starting one takes seconds.
//
//   if (test::SharedKafka::server() == nullptr) GTEST_SKIP() << test::SharedKafka::missing();
//
// Linking this file's library is enough: it starts before the first test and ends after the last. Where it cannot be
// started because the machine lacks something, that is said once on standard output ("No Apache Kafka here: ...").
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/kafka_server.h"

namespace freshet::test {

// Who may enter by the guarded door (SASL PLAIN over TLS), and with what.
constexpr const char* kGuardedUser = "freshet";
constexpr const char* kGuardedPassword = "a-password-of-tests";

class SharedKafka final : public testing::Environment {
 public:
  static KafkaServer* server() { return Instance().server_.get(); }
  static std::string missing() { return KafkaServer::Missing().value_or("The shared Kafka did not start."); }
  // PEM of who signed the guarded listener's certificate.
  const std::string& ca() const { return ca_; }
  // Registered with GoogleTest, which owns it.
  static SharedKafka& Instance();

  void SetUp() override;
  void TearDown() override { server_.reset(); }

 private:
  std::unique_ptr<KafkaServer> server_;
  std::string ca_;
};

}  // namespace freshet::test
