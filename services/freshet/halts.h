// Halts: what has stopped for good in a process (a code that needs an operator), for /readyz.
//
//   halts.Add("the worker deid", status);     halts.Reasons()   // {"key_missing: the worker deid has stopped: ..."}
//
// A status carries coordinates and no content, so it may be told to whoever asks. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace freshet {

class Halts {
 public:
  void Add(const std::string& who, const Status& status);
  bool any() const;
  // "code: sentence", oldest first.
  std::vector<std::string> Reasons() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> reasons_;
};

}  // namespace freshet
