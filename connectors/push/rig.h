// The push connector's rig (connectors/kit/rig.h): a client over a real socket that posts events in all three forms.
//
//   Result<std::unique_ptr<kit::Rig>> rig = MakePushRig({});
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::push {

// configuration: options that a source does not take.
Result<std::unique_ptr<kit::Rig>> MakePushRig(const ConfigNode& options);

}  // namespace freshet::push
