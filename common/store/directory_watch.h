// DirectoryWatch: wakes up when something is written to the files of a directory, by this or another process.
//
//   DirectoryWatch watch("data/index/rocksdb");
//   watch.Wait(std::chrono::milliseconds(20));     // until then, or a write
//
// By inotify. Where that is not to be had (another machine's writes on a network file system, no more watches), Wait
// takes its full time: so it may be relied on for speed, not for news. One thread.
#pragma once

#include <string>

#include "common/base/clock.h"

namespace freshet::store {

class DirectoryWatch {
 public:
  explicit DirectoryWatch(const std::string& path);
  ~DirectoryWatch();
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;

  // True where something was written since the last call.
  bool Wait(Duration at_most);

 private:
  int events_ = -1;
};

}  // namespace freshet::store
