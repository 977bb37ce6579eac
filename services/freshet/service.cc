// freshet connector, freshet deid, freshet chunk, freshet embed, freshet index: one service of a site
#include "services/freshet/serve.h"

namespace freshet {

struct ServiceOptions {
  std::filesystem::path config;
  HostPort status = ServeOptions{}.status;
};

template <>
struct OptionTable<ServiceOptions> {
  using Options = ServiceOptions;
  static constexpr auto fields = std::tuple{
      Field("config", &Options::config, "The site's configuration file, the same for all services.").Required(),
      Field("status", &Options::status, "Where /metrics, /healthz and /readyz are; port 0: any free one.")};
};

struct ConnectorOptions {
  std::filesystem::path config;
  std::string source;
  HostPort status = ServeOptions{}.status;
};

template <>
struct OptionTable<ConnectorOptions> {
  using Options = ConnectorOptions;
  static constexpr auto fields = std::tuple{
      Field("config", &Options::config, "The site's configuration file, the same for all services.").Required(),
      Field("source", &Options::source, "Only this source's; without it: the connectors of all sources."),
      Field("status", &Options::status, "Where /metrics, /healthz and /readyz are; port 0: any free one.")};
};

namespace {

template <Step kStep>
ExitStatus RunService(const ServiceOptions& options, Terminal& terminal) {
  const auto roles = [](const SiteConfig& site) { return RolesOf(kStep, site); };
  return Serve({.config = options.config, .status = options.status, .roles = roles}, terminal);
}

ExitStatus RunConnector(const ConnectorOptions& options, Terminal& terminal) {
  const auto roles = [&](const SiteConfig& site) { return ConnectorRole(SourceName(options.source), site); };
  return Serve({.config = options.config, .status = options.status, .roles = roles}, terminal);
}

}  // namespace

CommandBody ConnectorCommand() { return BodyOf<&RunConnector>(); }
CommandBody DeidCommand() { return BodyOf<&RunService<Step::kDeid>>(); }
CommandBody ChunkCommand() { return BodyOf<&RunService<Step::kChunk>>(); }
CommandBody EmbedCommand() { return BodyOf<&RunService<Step::kEmbed>>(); }
CommandBody IndexCommand() { return BodyOf<&RunService<Step::kIndex>>(); }

}  // namespace freshet
