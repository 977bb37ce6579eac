// KafkaOptions: how to reach a Kafka cluster, and what to ask of it.
//
//   log: {kind: kafka, bootstrap_servers: "kafka-1:9092,kafka-2:9092", replication_factor: 3, min_insync_replicas: 2,
//         tls: {ca: "${FILE:ca.pem}"}, sasl: {mechanism: scram_sha_512, username: freshet, password:
//         "${ENV:PASSWORD}"}}
//
// Secrets are references in the file and contents here. KafkaFields gives the rows of the option table, so that a
// struct that extends KafkaOptions keeps its keys flat beside its own. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "common/config/option_table.h"

namespace freshet::log {

enum class KafkaCompression : uint8_t { kNone, kLz4, kZstd };
enum class SaslMechanism : uint8_t { kPlain, kScramSha256, kScramSha512 };

// PEM texts. The system's authorities where `ca` is empty.
struct KafkaTls {
  std::string ca;
  std::string certificate;
  std::string key;
  std::string key_password;
  bool verify_host = true;
};

struct KafkaSasl {
  SaslMechanism mechanism = SaslMechanism::kScramSha512;
  std::string username;
  std::string password;
};

struct KafkaOptions {
  std::string bootstrap_servers;
  std::string client_id = "freshet";
  uint32_t replication_factor = 0;   // 0: the cluster's default
  uint32_t min_insync_replicas = 0;  // 0: the cluster's default
  Duration delivery_timeout = std::chrono::seconds(30);
  Duration request_timeout = std::chrono::seconds(10);
  Duration session_timeout = std::chrono::seconds(10);
  Duration heartbeat = std::chrono::milliseconds(500);
  ByteSize prefetch{32ull << 20};
  KafkaCompression compression = KafkaCompression::kLz4;
  std::optional<KafkaTls> tls;
  std::optional<KafkaSasl> sasl;
  // Not of the file: the group that the floors of SetRetentionFloor are committed to, so that lag tools see a reader
  // outside any group; empty: they are not.
  std::string floor_group;
};

// The rows of KafkaOptions in the table of `Struct`, which is KafkaOptions or extends it.
template <class Struct>
constexpr auto KafkaFields() {
  const auto field = []<class T>(std::string_view name, T KafkaOptions::*member, std::string_view help) {
    return Field<Struct, T>(name, member, help);
  };
  return std::tuple{
      field("bootstrap_servers", &KafkaOptions::bootstrap_servers,
            "Kafka: some of its brokers, as `host:port,host:port`."),
      field("client_id", &KafkaOptions::client_id, "Kafka: how this site appears in the brokers' logs and quotas."),
      field("replication_factor", &KafkaOptions::replication_factor,
            "Kafka: brokers that hold each new topic; 0 is the cluster's default. 3 survives the loss of one.")
          .Range(0, 32),
      field("min_insync_replicas", &KafkaOptions::min_insync_replicas,
            "Kafka: brokers that must have a record before it counts; 0 is the cluster's default. 2 of 3 is usual.")
          .Range(0, 32),
      field("delivery_timeout", &KafkaOptions::delivery_timeout,
            "Kafka: a record that no broker acknowledged for so long is given back, to be tried again.")
          .Range(std::chrono::seconds(1), std::chrono::hours(1)),
      field("request_timeout", &KafkaOptions::request_timeout, "Kafka: how long one answer of a broker may take.")
          .Range(std::chrono::seconds(1), std::chrono::minutes(5)),
      field("session_timeout", &KafkaOptions::session_timeout,
            "Kafka: a process that is silent for so long loses its share. Shorter takes over sooner, and by mistake.")
          .Range(std::chrono::seconds(6), std::chrono::minutes(5)),
      field("heartbeat", &KafkaOptions::heartbeat,
            "Kafka: how often a process says that it lives, and hears that shares change.")
          .Range(std::chrono::milliseconds(50), std::chrono::minutes(1)),
      field("prefetch", &KafkaOptions::prefetch,
            "Kafka: memory for records that each reader holds ahead; less may slow a backfill.")
          .Range(ByteSize{1ull << 20}, ByteSize{1ull << 30}),
      field("compression", &KafkaOptions::compression,
            "Kafka: of what is sent; `changes` are sealed and do not shrink."),
      field("tls", &KafkaOptions::tls, "Kafka: encrypts the connection. `{}` trusts the system's authorities."),
      field("sasl", &KafkaOptions::sasl, "Kafka: proves who this site is.")};
}

}  // namespace freshet::log

namespace freshet {

template <>
struct EnumTable<log::KafkaCompression> {
  static constexpr std::array names = {EnumName{"none", log::KafkaCompression::kNone},
                                       EnumName{"lz4", log::KafkaCompression::kLz4},
                                       EnumName{"zstd", log::KafkaCompression::kZstd}};
};
template <>
struct EnumTable<log::SaslMechanism> {
  static constexpr std::array names = {EnumName{"plain", log::SaslMechanism::kPlain},
                                       EnumName{"scram_sha_256", log::SaslMechanism::kScramSha256},
                                       EnumName{"scram_sha_512", log::SaslMechanism::kScramSha512}};
};

template <>
struct OptionTable<log::KafkaTls> {
  using Options = log::KafkaTls;
  static constexpr auto fields = std::tuple{
      Field("ca", &Options::ca, "PEM of the authorities that sign the brokers' certificates, as `${FILE:ca.pem}`."),
      Field("certificate", &Options::certificate, "PEM of this site's own certificate, where the brokers ask for one."),
      Field("key", &Options::key, "PEM of the certificate's private key.").Secret(),
      Field("key_password", &Options::key_password, "What the private key is encrypted with.").Secret(),
      Field("verify_host", &Options::verify_host, "A broker's certificate must name its host.")};
};

template <>
struct OptionTable<log::KafkaSasl> {
  using Options = log::KafkaSasl;
  static constexpr auto fields =
      std::tuple{Field("mechanism", &Options::mechanism, "How: `plain` sends the password, so give `tls` with it."),
                 Field("username", &Options::username, "Who.").Required(),
                 Field("password", &Options::password, "The password.").Required().Secret()};
};

template <>
struct OptionTable<log::KafkaOptions> {
  static constexpr auto fields = log::KafkaFields<log::KafkaOptions>();
};

}  // namespace freshet
