#include "tests/support/shared_kafka.h"

#include <iostream>

namespace freshet::test {

SharedKafka& SharedKafka::Instance() {
  static SharedKafka* const instance = [] {
    auto made = std::make_unique<SharedKafka>();
    SharedKafka* const environment = made.get();
    testing::AddGlobalTestEnvironment(made.release());
    return environment;
  }();
  return *instance;
}

void SharedKafka::SetUp() {
  if (const auto missing = KafkaServer::Missing()) {
    std::cout << *missing << " Tests on a real broker are skipped.\n";
    return;
  }
  auto started = KafkaServer::Start({.directory = testing::TempDir() + "/kafka"});
  ASSERT_TRUE(started.ok()) << started.status().ToString();
  server_ = std::move(*started);
}

namespace {

// Before main: GoogleTest takes environments only until it runs.
[[maybe_unused]] const SharedKafka& registered = SharedKafka::Instance();

}  // namespace
}  // namespace freshet::test
