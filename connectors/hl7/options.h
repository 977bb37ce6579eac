// Hl7Options: what a source of `connector: hl7` may set. A plain value.
//
//   Result<Hl7Options> options = ParseOptions<Hl7Options>(node);
//   FRESHET_RETURN_IF_ERROR(Validate(*options));
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/config/host_port.h"
#include "common/config/options.h"
#include "common/hl7/message.h"
#include "connectors/source/tls.h"

namespace freshet::hl7 {

enum class Acknowledge : uint8_t { kAlways, kAsAsked };

struct Hl7Options {
  HostPort listen{"127.0.0.1", 2575};
  std::vector<std::string> readers;
  std::map<std::string, std::vector<std::string>> restricted;
  std::string patient_authority;
  Acknowledge acknowledge = Acknowledge::kAlways;
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::filesystem::path tls_client_ca;
  uint32_t connections = 64;
  ByteSize max_message{8ull << 20};
  ByteSize queue_bytes{64ull << 20};
  Duration ack_timeout = std::chrono::seconds(10);
  Duration idle_timeout = std::chrono::hours(1);
  Duration max_ahead = std::chrono::hours(24);

  TlsFiles tls() const { return {.certificate = tls_certificate, .key = tls_key, .client_ca = tls_client_ca}; }
};

// configuration: what no table of fields can say.
Status Validate(const Hl7Options& options);

}  // namespace freshet::hl7

namespace freshet {

template <>
struct EnumTable<hl7::Acknowledge> {
  static constexpr std::array names = {EnumName{"always", hl7::Acknowledge::kAlways},
                                       EnumName{"as_asked", hl7::Acknowledge::kAsAsked}};
};

template <>
struct OptionTable<hl7::Hl7Options> {
  using O = hl7::Hl7Options;
  static constexpr auto fields = std::tuple{
      Field("listen", &O::listen, "Address and port to listen on."),
      Field("readers", &O::readers, "Who may read the documents: `group:staff`, `user:ada`. Nobody where it is empty."),
      Field("restricted", &O::restricted,
            "Who may read documents of a confidentiality (TXA-18, as R or V), by its code. Nobody where it is not "
            "listed."),
      Field("patient_authority", &O::patient_authority,
            "Assigning authority whose id names the patient (PID-3, component 4); empty: the first id."),
      Field(
          "acknowledge", &O::acknowledge,
          "Every message, or as MSH-15 and MSH-16 ask for; most senders that ask for none wait for one all the same."),
      Field("tls_certificate", &O::tls_certificate, "PEM file of this server's certificate and its chain: TLS."),
      Field("tls_key", &O::tls_key, "PEM file of its private key."),
      Field("tls_client_ca", &O::tls_client_ca,
            "PEM file of authorities: only senders with a certificate from one of them may connect."),
      Field("connections", &O::connections, "Senders at a time; a thread each. More are closed at once.")
          .Range(1, 4096),
      Field("max_message", &O::max_message, "A larger message is rejected (AR). Each sender may take so much memory.")
          .Range(1_KiB, ByteSize{hl7::kMostMessageBytes}),
      Field("queue_bytes", &O::queue_bytes,
            "Messages that wait for the log; beyond it the answer is AE. Costs so much memory.")
          .Range(ByteSize{1ull << 20}, ByteSize{4ull << 30}),
      Field("ack_timeout", &O::ack_timeout, "A message that is not durable in time is answered with AE.")
          .Range(std::chrono::milliseconds(10), std::chrono::minutes(5)),
      Field("idle_timeout", &O::idle_timeout, "A connection on which nothing comes for so long is closed.")
          .Range(std::chrono::seconds(1), std::chrono::hours(240)),
      Field("max_ahead", &O::max_ahead, "A message whose time lies further in the future counts as of its arrival.")
          .Range(std::chrono::seconds(0), std::chrono::hours(24 * 366))};
};

}  // namespace freshet
