// Skeleton: the folder of a new connector, as `freshet connector new <name>` writes it: it compiles, passes the kit,
// and is meant to be changed piece by piece. What it reads is a file of changes, one JSON object a line:
//
//   {"id": "a", "text": "First.", "readers": ["group:staff"]}
//   {"id": "a", "deleted": true}
//
//   for (const SkeletonFile& file : Skeleton("feed")) write(folder / file.name, file.text);
//   SkeletonRow("feed")      // the one line for registry.cc, and its includes
//
// A pure function: any thread. Names are lower-case letters and '_'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::kit {

struct SkeletonFile {
  std::string name;
  std::string text;
};

// configuration: no name for a connector.
Result<std::vector<SkeletonFile>> Skeleton(std::string_view name);
std::string SkeletonRow(std::string_view name);

}  // namespace freshet::kit
