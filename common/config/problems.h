// Problems: everything that is wrong with a configuration, so that one run of a check tells all of it.
//
//   Problems problems;
//   problems.Add(node, "must be a duration such as 5m");
//   FRESHET_RETURN_IF_ERROR(problems.ToStatus());     // configuration, one line a problem
//
// Values are never in the messages: one may be a secret that stands in the wrong place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/config/node.h"

namespace freshet {

class Problems {
 public:
  // "freshet.yaml:12: sources[0].settle <what>"
  void Add(const ConfigNode& at, std::string_view what);
  // "freshet.yaml:12: unknown key "roott" in sources[0]; did you mean "root"?", or the known keys where none is near.
  void AddUnknownKey(const ConfigNode& map, size_t index, const std::vector<std::string_view>& known);

  bool empty() const { return count_ == 0; }
  // ok where there is none; else configuration, with the first 20.
  Status ToStatus() const;

 private:
  void AddLine(std::string line);

  std::vector<std::string> lines_;
  size_t count_ = 0;
};

}  // namespace freshet
