// What a site's telemetry option says: whether it counts at all, and who is told of traces.
#include "common/telemetry/log.h"
#include "common/telemetry/otlp.h"
#include "services/freshet/change_spans.h"
#include "services/freshet/site_process.h"
#include "services/index/sink.h"

namespace freshet {

Status SiteProcess::OpenTelemetry() {
  const TelemetryConfig& telemetry = config_.telemetry;
  if (!telemetry.enabled) ConfigureLogging({.level = LogLevel::kError});
  metrics_ = std::make_unique<MetricRegistry>(config_.tenant, telemetry.enabled ? Recording::kOn : Recording::kOff);
  if (!telemetry.otlp) return OkStatus();
  OtlpOptions options{.endpoint = telemetry.otlp->endpoint, .token = telemetry.otlp->token};
  options.resource = {
      {"service.name", "freshet"}, {"service.version", FRESHET_VERSION}, {"freshet.tenant", config_.tenant.value}};
  FRESHET_ASSIGN_OR_RETURN(spans_, OtlpExporter::Make(std::move(options), *metrics_));
  return OkStatus();
}

// By whoever has the sink; nothing where nobody listens.
std::function<void(const Origin&, store::Operation, Time)> SiteProcess::TellOfChanges() {
  if (spans_ == nullptr) return {};
  return [this](const Origin& origin, store::Operation operation, Time shown) {
    for (Span& span : SpansOf(origin, index::NameOf(operation), shown)) spans_->Add(std::move(span));
  };
}

}  // namespace freshet
