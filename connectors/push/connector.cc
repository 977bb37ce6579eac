#include "connectors/push/connector.h"

#include "common/telemetry/log.h"
#include "connectors/source/source_connector.h"

namespace freshet::push {
namespace {

bool IsLoopback(const std::string& host) { return host.starts_with("127.") || host == "::1" || host == "localhost"; }

}  // namespace

PushSource::PushSource(PushOptions options) : options_(std::move(options)), arrivals_(options_.queue_bytes.bytes) {}

Status PushSource::Check() {
  FRESHET_RETURN_IF_ERROR(Validate(options_));
  if (server_ != nullptr) return OkStatus();
  const SystemClock clock;
  const auto refuse = [](const std::vector<ChangeEvent>&, size_t) {
    return Status(Code::kUnavailable, "Only looked at");
  };
  PushServer probe(options_, {.clock = &clock, .deliver = refuse});
  return probe.Start().status();
}

Status PushSource::Open(SourceStart start) {
  if (options_.tls().empty() && !IsLoopback(options_.listen.host)) {
    Log(LogLevel::kWarning, "Events and tokens arrive unencrypted from other machines.", {});
  }
  arrivals_.Open(start);
  const auto deliver = [this](std::vector<ChangeEvent> events, size_t bytes) {
    return arrivals_.Deliver(std::move(events), bytes, options_.ack_timeout);
  };
  server_ = std::make_unique<PushServer>(options_, PushParts{.clock = start.clock, .deliver = deliver});
  FRESHET_ASSIGN_OR_RETURN(port_, server_->Start());
  return OkStatus();
}

void PushSource::Close() {
  arrivals_.Close();  // who waits is told before the server goes
  server_.reset();
}

Result<std::unique_ptr<Connector>> MakePushConnector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(PushOptions options, ParseOptions<PushOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  return std::unique_ptr<Connector>(
      std::make_unique<SourceConnector>(std::make_unique<PushSource>(std::move(options))));
}

}  // namespace freshet::push
