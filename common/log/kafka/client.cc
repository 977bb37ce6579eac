#include "common/log/kafka/client.h"

#include <algorithm>
#include <map>

#include "common/telemetry/log.h"

namespace freshet::log {
namespace {

using Settings = std::map<std::string, std::string>;

constexpr int64_t kLeastQueueKiB = 256;  // of a partition

template <class Enum>
std::string_view NameIn(Enum value) {
  for (const auto& row : EnumTable<Enum>::names) {
    if (row.value == value) return row.name;
  }
  return "";
}

std::string_view SaslName(SaslMechanism mechanism) {
  switch (mechanism) {
    case SaslMechanism::kPlain:
      return "PLAIN";
    case SaslMechanism::kScramSha256:
      return "SCRAM-SHA-256";
    case SaslMechanism::kScramSha512:
      return "SCRAM-SHA-512";
  }
  return "";
}

void AddSecurity(const KafkaOptions& options, Settings& settings) {
  const char* const plain = options.sasl ? "sasl_plaintext" : "plaintext";
  settings["security.protocol"] = options.tls ? (options.sasl ? "sasl_ssl" : "ssl") : plain;
  if (options.tls) {
    const std::pair<const char*, const std::string*> texts[] = {{"ssl.ca.pem", &options.tls->ca},
                                                                {"ssl.certificate.pem", &options.tls->certificate},
                                                                {"ssl.key.pem", &options.tls->key},
                                                                {"ssl.key.password", &options.tls->key_password}};
    for (const auto& [name, text] : texts) {
      if (!text->empty()) settings[name] = *text;
    }
    settings["ssl.endpoint.identification.algorithm"] = options.tls->verify_host ? "https" : "none";
  }
  if (options.sasl) {
    settings["sasl.mechanisms"] = SaslName(options.sasl->mechanism);
    settings["sasl.username"] = options.sasl->username;
    settings["sasl.password"] = options.sasl->password;
  }
}

Settings CommonSettings(const KafkaOptions& options) {
  Settings settings = {{"bootstrap.servers", options.bootstrap_servers},
                       {"client.id", options.client_id},
                       {"socket.nagle.disable", "true"},
                       {"socket.timeout.ms", std::to_string(MillisOf(options.request_timeout))},
                       {"reconnect.backoff.ms", "50"},
                       {"reconnect.backoff.max.ms", "1000"},
                       {"log.connection.close", "false"},
                       {"receive.message.max.bytes", std::to_string(kLargestRequest)}};
  AddSecurity(options, settings);
  return settings;
}

// Latency comes from sending at once; batches still form while requests are under way.
void AddProducer(const KafkaOptions& options, Settings& settings) {
  settings.insert({{"message.max.bytes", std::to_string(kLargestRequest)},
                   {"enable.idempotence", "true"},
                   {"acks", "all"},
                   {"linger.ms", "0"},
                   {"batch.size", std::to_string(1 << 20)},
                   {"compression.codec", std::string(NameIn(options.compression))},
                   {"queue.buffering.max.kbytes", std::to_string(64 << 10)},
                   {"request.timeout.ms", std::to_string(MillisOf(options.request_timeout))},
                   {"delivery.timeout.ms", std::to_string(MillisOf(options.delivery_timeout))}});
}

// Each partition has a queue of its own, so the limits are a partition's. A position that the log does not have is an
// error for us to tell, never a jump.
void AddConsumer(const KafkaOptions& options, const ClientHooks& hooks, Settings& settings) {
  const int64_t share = static_cast<int64_t>(options.prefetch.bytes / std::max<size_t>(1, hooks.partitions)) >> 10;
  settings.insert({{"group.id", hooks.group},
                   {"partition.assignment.strategy", "cooperative-sticky"},
                   {"enable.auto.commit", "false"},
                   {"enable.auto.offset.store", "false"},
                   {"auto.offset.reset", "error"},
                   {"enable.partition.eof", "true"},
                   {"check.crcs", "true"},
                   {"session.timeout.ms", std::to_string(MillisOf(options.session_timeout))},
                   {"heartbeat.interval.ms", std::to_string(MillisOf(options.heartbeat))},
                   {"fetch.wait.max.ms", "100"},
                   {"fetch.error.backoff.ms", "50"},
                   {"fetch.max.bytes", std::to_string(16 << 20)},
                   {"fetch.message.max.bytes", std::to_string(1 << 20)},
                   {"queued.max.messages.kbytes", std::to_string(std::max(share, kLeastQueueKiB))}});
}

void OnLog(const rd_kafka_t*, int severity, const char* facility, const char* sentence) {
  const LogLevel level = severity <= 3 ? LogLevel::kError : severity <= 5 ? LogLevel::kWarning : LogLevel::kInfo;
  freshet::Log(level, "Kafka client said something.",
               {{"facility", Coordinate(facility)}, {"said", Coordinate(sentence)}});
}

void OnError(rd_kafka_t*, int error, const char*, void*) { LogClientError(static_cast<rd_kafka_resp_err_t>(error)); }

// librdkafka's own text may repeat a value, and values may be secrets: only the setting is named.
Status Apply(const Settings& settings, rd_kafka_conf_t* conf) {
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK) continue;
    return Status(Code::kConfiguration, "librdkafka refuses the value of " + name);
  }
  return OkStatus();
}

}  // namespace

void LogClientError(rd_kafka_resp_err_t error) {
  freshet::Log(LogLevel::kWarning, "Kafka client met an error.", {{"kafka", Coordinate(rd_kafka_err2name(error))}});
}

Result<Handle<rd_kafka_t>> NewClient(const KafkaOptions& options, Role role, const ClientHooks& hooks) {
  if (options.bootstrap_servers.empty()) return Status(Code::kConfiguration, "log.bootstrap_servers is empty");
  Settings settings = CommonSettings(options);
  if (role == Role::kProduce) AddProducer(options, settings);
  if (role == Role::kConsume) AddConsumer(options, hooks, settings);
  Handle<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  FRESHET_RETURN_IF_ERROR(Apply(settings, conf.get()));
  rd_kafka_conf_set_log_cb(conf.get(), &OnLog);
  rd_kafka_conf_set_error_cb(conf.get(), hooks.on_error != nullptr ? hooks.on_error : &OnError);
  rd_kafka_conf_set_opaque(conf.get(), hooks.opaque);
  if (hooks.on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), hooks.on_delivery);
  if (hooks.on_rebalance != nullptr) rd_kafka_conf_set_rebalance_cb(conf.get(), hooks.on_rebalance);
  // A producer would create topics by asking for them.
  const auto type = role == Role::kProduce ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  char reason[256] = "";
  Handle<rd_kafka_t> client(rd_kafka_new(type, conf.get(), reason, sizeof(reason)));
  if (client == nullptr) {
    // Names of settings and, of certificates, OpenSSL's reason; no values.
    return Status(Code::kConfiguration, std::string("librdkafka makes no client of these options: ") + reason);
  }
  conf.release();  // the client's now
  return client;
}

}  // namespace freshet::log
