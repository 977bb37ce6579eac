// The conformance kit's way to play with a PostgreSQL source: a schema of its own on a real server.
//
//   Result<std::unique_ptr<kit::Rig>> rig = MakePostgresRig(ConfigNode());    // on a LocalServer
//
// One server serves all rigs of a process, one rig at a time, and ends with it. The options are not looked at.
// not_found: this machine has no PostgreSQL; other codes: it has one that does not start.
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::postgres {

Result<std::unique_ptr<kit::Rig>> MakePostgresRig(const ConfigNode& options);

}  // namespace freshet::postgres
