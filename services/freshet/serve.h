// Serve: a process of a site from its configuration to SIGTERM.
//
//   return Serve({.config = "freshet.yaml", .roles = [](const SiteConfig&) { return AllRoles(); }}, terminal);
//
// Prints one line with the URL on standard output when ready; SIGTERM or SIGINT drains and ends with status 0, also
// where a full disk or a log that is away did not take the last progress: a log line says so, and nothing is lost.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "common/config/host_port.h"
#include "services/freshet/command.h"
#include "services/freshet/roles.h"

namespace freshet {

struct ServeOptions {
  std::filesystem::path config;
  Duration drain = std::chrono::seconds(30);
  std::optional<HostPort> listen;   // in place of query.listen
  HostPort status{"127.0.0.1", 0};  // of /metrics and health, where the process answers no queries
  std::function<Result<Roles>(const SiteConfig&)> roles;
};

ExitStatus Serve(const ServeOptions& options, Terminal& terminal);

}  // namespace freshet
