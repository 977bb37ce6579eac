// freshet run
#include "services/freshet/serve.h"

namespace freshet {

struct RunOptions {
  std::filesystem::path config;
  Duration drain = ServeOptions{}.drain;
};

template <>
struct OptionTable<RunOptions> {
  static constexpr auto fields = std::tuple{
      Field("config", &RunOptions::config, "The site's configuration file.").Required(),
      Field("drain", &RunOptions::drain, "At the end, how long to go on working off what was read from the sources.")};
};

namespace {

ExitStatus Run(const RunOptions& options, Terminal& terminal) {
  const auto everything = [](const SiteConfig&) -> Result<Roles> { return AllRoles(); };
  return Serve({.config = options.config, .drain = options.drain, .roles = everything}, terminal);
}

}  // namespace

CommandBody RunCommand() { return BodyOf<&Run>(); }

}  // namespace freshet
