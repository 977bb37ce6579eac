// freshet run
#include <csignal>
#include <ostream>

#include "common/telemetry/log.h"
#include "services/freshet/command.h"
#include "services/freshet/site_process.h"

namespace freshet {

struct RunOptions {
  std::filesystem::path config;
  Duration drain = std::chrono::seconds(30);
};

template <>
struct OptionTable<RunOptions> {
  static constexpr auto fields = std::tuple{
      Field("config", &RunOptions::config, "The site's configuration file.").Required(),
      Field("drain", &RunOptions::drain, "At the end, how long to go on working off what was read from the sources.")};
};

namespace {

// Waits for SIGTERM or SIGINT, which every thread of the process has blocked.
void AwaitSignal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
}

ExitStatus Run(const RunOptions& options, Terminal& terminal) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Result<SiteConfig> config = LoadSite(options.config);
  if (!config.ok()) return Fail(config.status(), terminal);
  static const SystemClock clock;
  auto site = SiteProcess::Open(std::move(*config), clock);
  if (!site.ok()) return Fail(site.status(), terminal);
  const Result<std::string> url = (*site)->Start();
  if (!url.ok()) return Fail(url.status(), terminal);
  terminal.out << "Freshet serves " << *url << std::endl;
  AwaitSignal(signals);
  Log(LogLevel::kInfo, "Stopping.");
  const Status stopped = (*site)->Stop(options.drain);
  return stopped.ok() ? ExitStatus::kDone : Fail(stopped, terminal);
}

}  // namespace

CommandBody RunCommand() { return BodyOf<&Run>(); }

}  // namespace freshet
