// KafkaServer: a real Apache Kafka of one node, for tests: KRaft, on free ports of 127.0.0.1, ready in about 4 s.
//
//   if (const auto missing = test::KafkaServer::Missing()) GTEST_SKIP() << *missing;
//   auto server = test::KafkaServer::Start({.directory = testing::TempDir() + "/kafka"});
//   KafkaLog::Open({.bootstrap_servers = (*server)->bootstrap()});
//
// Needs java and the jars that tools/setup_kafka.sh puts into build/kafka (tests run from the project's root). The
// broker dies with the thread that started it, whatever ends that; start it from the main thread. One thread.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "common/base/status.h"

namespace freshet::test {

struct KafkaServerOptions {
  std::string directory;  // made; data, log and configuration of the broker
  std::string extra;      // further lines of server.properties
  // A second listener "GUARDED" of this protocol (SASL_SSL, …), configured by `extra`; empty: none.
  std::string guarded_protocol;
};

class KafkaServer {
 public:
  // What the machine lacks for a broker; nothing: it can run one.
  static std::optional<std::string> Missing();
  static Result<std::unique_ptr<KafkaServer>> Start(KafkaServerOptions options);
  ~KafkaServer() { Kill(); }

  std::string bootstrap() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string guarded_bootstrap() const { return "localhost:" + std::to_string(guarded_port_); }

  // kill -9, and its end awaited.
  void Kill();
  // Starts it again on the same data and ports.
  Status Launch();

 private:
  explicit KafkaServer(KafkaServerOptions options);
  Status Configure();
  Status Format();
  std::string Properties() const;
  bool IsReady() const;

  const KafkaServerOptions options_;
  const int port_;
  const int controller_port_;
  const int guarded_port_;
  pid_t pid_ = 0;
};

}  // namespace freshet::test
