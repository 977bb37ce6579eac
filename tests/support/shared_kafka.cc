#include "tests/support/shared_kafka.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace freshet::test {
namespace {

std::string Read(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Signs itself, for localhost; broker.pem gets key and certificate. The certificate, or nothing.
std::string MakeCertificate(const std::string& directory) {
  const std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      "subjectAltName=DNS:localhost -keyout '" +
      directory + "/key.pem' -out '" + directory + "/cert.pem' 2>/dev/null";
  if (std::system(command.c_str()) != 0) return "";
  std::ofstream(directory + "/broker.pem") << Read(directory + "/key.pem") << Read(directory + "/cert.pem");
  return Read(directory + "/cert.pem");
}

std::string GuardedSettings(const std::string& directory) {
  return "listener.name.guarded.ssl.keystore.type=PEM\nlistener.name.guarded.ssl.keystore.location=" + directory +
         "/broker.pem\nlistener.name.guarded.sasl.enabled.mechanisms=PLAIN\n"
         "listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule "
         "required user_" +
         std::string(kGuardedUser) + "=\"" + kGuardedPassword + "\";\n";
}

}  // namespace

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
  const std::string directory = testing::TempDir() + "/kafka";
  std::filesystem::create_directories(directory);
  ca_ = MakeCertificate(directory);
  ASSERT_FALSE(ca_.empty()) << "openssl made no certificate";
  auto started =
      KafkaServer::Start({.directory = directory, .extra = GuardedSettings(directory), .guarded_protocol = "SASL_SSL"});
  ASSERT_TRUE(started.ok()) << started.status().ToString();
  server_ = std::move(*started);
}

namespace {

// Before main: GoogleTest takes environments only until it runs.
[[maybe_unused]] const SharedKafka& registered = SharedKafka::Instance();

}  // namespace
}  // namespace freshet::test
