// The log that a site's configuration names, opened.
//
//   FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<log::Log> log, OpenLogOf(site, clock));
//
// Codes: as of EmbeddedLog::Open and KafkaLog::Open. The clock outlives the log.
#pragma once

#include <memory>

#include "common/log/log.h"
#include "services/freshet/site.h"

namespace freshet {

Result<std::unique_ptr<log::Log>> OpenLogOf(const SiteConfig& site, const Clock& clock);

}  // namespace freshet
