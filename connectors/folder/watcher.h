// Watcher: inotify (7), told which folders to watch, telling which of their names changed.
//
//   Watcher watcher;  watcher.Open();
//   Watcher::Added added = watcher.Add(folder_fd);
//   FRESHET_RETURN_IF_ERROR(watcher.Read(events));       // what has happened so far; never waits
//
// Not safe for more than one thread at a time.
#pragma once

#include <sys/inotify.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "connectors/folder/files.h"

namespace freshet::folder {

class Watcher {
 public:
  struct Event {
    int watch = -1;
    uint32_t mask = 0;  // of <sys/inotify.h>; IN_Q_OVERFLOW: events were lost
    std::string name;   // empty: the folder itself
  };
  struct Added {
    int watch = -1;         // less than 0: none
    bool at_limit = false;  // the kernel has no more watches for this user
    bool unwatched() const { return watch < 0; }
  };

  // ok, or io_error where the user has no inotify instance left.
  Status Open();
  bool is_open() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }

  // Watching a folder twice gives the same number again, whatever its path was.
  Added Add(int folder);
  void Remove(int watch);
  // Appends what has happened, up to a bound; `more` is true where it was met.
  Status Read(std::vector<Event>& events, bool& more);

 private:
  UniqueFd fd_;
};

}  // namespace freshet::folder
