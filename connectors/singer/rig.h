// The conformance kit's way to play with a tap: a shell script of our own over files, which lists all rows, or with a
// state what changed since, as Singer's taps do.
//
//   Result<std::unique_ptr<kit::Rig>> rig = MakeSingerRig(ConfigNode());
//
// The options are not looked at.
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::singer {

Result<std::unique_ptr<kit::Rig>> MakeSingerRig(const ConfigNode& options);

}  // namespace freshet::singer
