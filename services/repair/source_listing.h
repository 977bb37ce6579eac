// Which documents a source has now: what its connector lists, or its first snapshot, from no position, published to
// nowhere. Internal to repair.
#pragma once

#include <set>
#include <string>

#include "connectors/connector.h"
#include "connectors/native_names.h"

namespace freshet::repair {

struct ListingOptions {
  const Clock& clock;
  Duration limit{};
  bool may_step = false;
};

// Ids as searches show them. timeout; unsupported_change: this source cannot be listed; the connector's codes.
Result<std::set<std::string>> ListSource(Connector& connector, const NativeNames& names, const ListingOptions& options);

}  // namespace freshet::repair
