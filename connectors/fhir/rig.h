// The fhir connector's rig (connectors/kit/rig.h): a FHIR server in memory, over real HTTP.
//
//   Result<std::unique_ptr<kit::Rig>> rig = MakeFhirRig({});
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::fhir {

// configuration: options that a source does not take.
Result<std::unique_ptr<kit::Rig>> MakeFhirRig(const ConfigNode& options);

}  // namespace freshet::fhir
