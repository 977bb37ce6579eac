// The HL7 connector's rig (connectors/kit/rig.h): a sender over a real socket that writes notes, edits and cancels.
//
//   Result<std::unique_ptr<kit::Rig>> rig = MakeHl7Rig({});
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::hl7 {

// configuration: options that a source does not take.
Result<std::unique_ptr<kit::Rig>> MakeHl7Rig(const ConfigNode& options);

}  // namespace freshet::hl7
