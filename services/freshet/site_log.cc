#include "services/freshet/site_log.h"

#include "common/log/embedded_log.h"
#include "common/log/kafka/kafka_log.h"

namespace freshet {

Result<std::unique_ptr<log::Log>> OpenLogOf(const SiteConfig& site, const Clock& clock) {
  if (site.log.kind == LogKind::kKafka) {
    log::KafkaOptions options = site.log;
    // The index reads outside any group; under this name lag tools see how far it is.
    options.floor_group = "freshet." + site.tenant.value + ".index";
    FRESHET_ASSIGN_OR_RETURN(auto log, log::KafkaLog::Open(std::move(options)));
    return std::unique_ptr<log::Log>(std::move(log));
  }
  // Where all steps are fused it holds nothing but what is sealed.
  log::EmbeddedLogOptions options{.path = site.data_dir / "log", .clock = &clock, .compress = !site.pipeline.fuse};
  FRESHET_ASSIGN_OR_RETURN(auto log, log::EmbeddedLog::Open(std::move(options)));
  return std::unique_ptr<log::Log>(std::move(log));
}

}  // namespace freshet
