// The conformance kit's way to play with Debezium topics: topics in memory, written as Debezium writes them.
//
//   Result<std::unique_ptr<kit::Rig>> rig = MakeDebeziumRig(ConfigNode());
//
// The options are not looked at.
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::debezium {

Result<std::unique_ptr<kit::Rig>> MakeDebeziumRig(const ConfigNode& options);

}  // namespace freshet::debezium
