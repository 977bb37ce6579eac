// PushOptions: what a source of `connector: push` may set. A plain value.
//
//   Result<PushOptions> options = ParseOptions<PushOptions>(node);
//   FRESHET_RETURN_IF_ERROR(Validate(*options));
#pragma once

#include <filesystem>
#include <string>

#include "common/config/host_port.h"
#include "common/config/options.h"
#include "connectors/source/tls.h"

namespace freshet::push {

struct PushOptions {
  HostPort listen{"127.0.0.1", 8090};
  std::string path = "/v1/events";
  std::string tokens;
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::filesystem::path tls_client_ca;
  ByteSize max_body{16ull << 20};
  ByteSize queue_bytes{64ull << 20};
  uint32_t connections = 64;
  Duration ack_timeout = std::chrono::seconds(10);
  Duration retry_after = std::chrono::seconds(2);
  Duration max_ahead = std::chrono::hours(24);

  TlsFiles tls() const { return {.certificate = tls_certificate, .key = tls_key, .client_ca = tls_client_ca}; }
};

// configuration: what no table of fields can say.
Status Validate(const PushOptions& options);

}  // namespace freshet::push

namespace freshet {

template <>
struct OptionTable<push::PushOptions> {
  using O = push::PushOptions;
  static constexpr auto fields = std::tuple{
      Field("listen", &O::listen, "Address and port to listen on."),
      Field("path", &O::path, "Where events are posted."),
      Field("tokens", &O::tokens, "Bearer tokens of those who may push, a line each; `#` begins a comment.")
          .Required()
          .Secret(),
      Field("tls_certificate", &O::tls_certificate, "PEM file of this server's certificate and its chain: HTTPS."),
      Field("tls_key", &O::tls_key, "PEM file of its private key."),
      Field("tls_client_ca", &O::tls_client_ca,
            "PEM file of authorities: only clients with a certificate from one of them may connect."),
      Field("max_body", &O::max_body, "A larger request is refused with 413.").Range(1_KiB, ByteSize{64ull << 20}),
      Field(
          "queue_bytes", &O::queue_bytes,
          "Requests under way and waiting for the log; beyond it the answer is 503 with Retry-After. Costs a few times "
          "as much memory.")
          .Range(ByteSize{1ull << 20}, ByteSize{4ull << 30}),
      Field("connections", &O::connections, "Requests answered at a time; a thread each.").Range(1, 1024),
      Field("ack_timeout", &O::ack_timeout, "A request that is not durable in time is answered with 503.")
          .Range(std::chrono::milliseconds(10), std::chrono::minutes(5)),
      Field("retry_after", &O::retry_after, "What Retry-After says, in whole seconds.")
          .Range(std::chrono::seconds(1), std::chrono::hours(1)),
      Field("max_ahead", &O::max_ahead, "An event whose time lies further in the future is refused.")
          .Range(std::chrono::seconds(0), std::chrono::hours(24 * 366))};
};

}  // namespace freshet
