#include "services/freshet/serve.h"

#include <csignal>
#include <ostream>

#include "common/telemetry/log.h"
#include "services/freshet/site_process.h"

namespace freshet {
namespace {

// Blocked before the first thread starts, so that it is blocked in all of them.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void Await(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
}

Result<std::unique_ptr<SiteProcess>> OpenSite(const ServeOptions& options, const Clock& clock) {
  FRESHET_ASSIGN_OR_RETURN(SiteConfig config, LoadSite(options.config));
  if (options.listen) config.query.listen = *options.listen;
  FRESHET_ASSIGN_OR_RETURN(Roles roles, options.roles(config));
  return SiteProcess::Open(std::move(config), std::move(roles), clock);
}

}  // namespace

ExitStatus Serve(const ServeOptions& options, Terminal& terminal) {
  const sigset_t signals = BlockEndSignals();
  static const SystemClock clock;
  auto site = OpenSite(options, clock);
  if (!site.ok()) return Fail(site.status(), terminal);
  const Result<std::string> url = (*site)->Start(options.status);
  if (!url.ok()) return Fail(url.status(), terminal);
  terminal.out << "Freshet serves " << *url << std::endl;
  Await(signals);
  Log(LogLevel::kInfo, "Stopping.");
  const Status stopped = (*site)->Stop(options.drain);
  if (stopped.ok()) return ExitStatus::kDone;
  const bool passing = stopped.code() == Code::kDiskFull || stopped.code() == Code::kLogUnavailable;
  if (!passing) return Fail(stopped, terminal);
  // As after a crash: what is not stored was not told to the log as done.
  Log(LogLevel::kWarning, "Progress made last is not stored; the next start makes it again.", {{"error", stopped}});
  return ExitStatus::kDone;
}

}  // namespace freshet
