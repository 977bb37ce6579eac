#include "common/store/directory_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace freshet::store {

DirectoryWatch::DirectoryWatch(const std::string& path) : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (events_ >= 0) (void)::inotify_add_watch(events_, path.c_str(), IN_MODIFY | IN_MOVED_TO | IN_ONLYDIR);
}

DirectoryWatch::~DirectoryWatch() {
  if (events_ >= 0) ::close(events_);
}

bool DirectoryWatch::Wait(Duration at_most) {
  pollfd wanted{.fd = events_, .events = POLLIN, .revents = 0};  // a descriptor below 0 is only waited for
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(at_most).count();
  if (::poll(&wanted, 1, static_cast<int>(millis)) <= 0) return false;
  alignas(inotify_event) std::array<char, 16 << 10> events;
  while (::read(events_, events.data(), events.size()) > 0) {
  }
  return true;
}

}  // namespace freshet::store
