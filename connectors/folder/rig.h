// The folder connector's rig (connectors/kit/rig.h): a directory of its own below the system's for temporary files. The
// document "a" is the file a/doc.md, so that each document has an access scope of its own.
//
//   Result<std::unique_ptr<kit::Rig>> rig = MakeFolderRig(options);    // all of the options but `root` are kept
//
// configuration: wrong options. io_error: no directory can be made.
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::folder {

Result<std::unique_ptr<kit::Rig>> MakeFolderRig(const ConfigNode& options);

}  // namespace freshet::folder
