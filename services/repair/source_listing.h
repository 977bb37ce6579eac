// Which documents a source has now: its connector's first snapshot, from no position, published to nowhere. Internal to
// repair.
#pragma once

#include <set>
#include <string>

#include "connectors/connector.h"
#include "connectors/native_names.h"

namespace freshet::repair {

// Ids as searches show them. timeout; the connector's codes.
Result<std::set<std::string>> ListSource(Connector& connector, const NativeNames& names, const Clock& clock,
                                         Duration limit);

}  // namespace freshet::repair
