// freshet query
#include "services/freshet/serve.h"

namespace freshet {

struct QueryOptions {
  std::filesystem::path config;
  std::optional<HostPort> listen;
};

template <>
struct OptionTable<QueryOptions> {
  static constexpr auto fields = std::tuple{
      Field("config", &QueryOptions::config, "The site's configuration file, the same for all services.").Required(),
      Field("listen", &QueryOptions::listen,
            "Where to answer, in place of query.listen: which `freshet run` and `freshet index` take.")};
};

namespace {

ExitStatus RunQuery(const QueryOptions& options, Terminal& terminal) {
  const auto queries = [](const SiteConfig&) -> Result<Roles> { return QueryRole(); };
  return Serve({.config = options.config, .listen = options.listen, .roles = queries}, terminal);
}

}  // namespace

CommandBody QueryCommand() { return BodyOf<&RunQuery>(); }

}  // namespace freshet
