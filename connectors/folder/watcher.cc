#include "connectors/folder/watcher.h"

#include <cerrno>
#include <cstring>

namespace freshet::folder {
namespace {

constexpr uint32_t kMask = IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO |
                           IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;
constexpr size_t kBufferBytes = 64 << 10;
constexpr int kMostReads = 64;  // 4 MiB: the kernel's default queue fits several times

void Append(const char* bytes, size_t size, std::vector<Watcher::Event>& events) {
  for (size_t at = 0; at + sizeof(inotify_event) <= size;) {
    inotify_event head;
    std::memcpy(&head, bytes + at, sizeof(head));
    const char* const name = bytes + at + sizeof(head);
    events.push_back({.watch = head.wd, .mask = head.mask, .name = std::string(name, strnlen(name, head.len))});
    at += sizeof(head) + head.len;
  }
}

}  // namespace

Status Watcher::Open() {
  fd_ = UniqueFd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  return fd_ ? OkStatus() : ErrorStatus(errno, "inotify");
}

Watcher::Added Watcher::Add(int folder) {
  if (!fd_) return {};
  // By way of the open descriptor, so that the watched folder is the one that was opened.
  const std::string path = "/proc/self/fd/" + std::to_string(folder);
  const int watch = inotify_add_watch(fd_.get(), path.c_str(), kMask);
  return {.watch = watch, .at_limit = watch < 0 && (errno == ENOSPC || errno == ENOMEM)};
}

void Watcher::Remove(int watch) {
  if (fd_ && watch >= 0) inotify_rm_watch(fd_.get(), watch);
}

Status Watcher::Read(std::vector<Event>& events, bool& more) {
  more = false;
  if (!fd_) return OkStatus();
  alignas(inotify_event) char buffer[kBufferBytes];
  for (int i = 0; i < kMostReads; ++i) {
    const ssize_t got = ::read(fd_.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return OkStatus();
    if (got <= 0) return ErrorStatus(errno, "inotify");
    Append(buffer, static_cast<size_t>(got), events);
  }
  more = true;
  return OkStatus();
}

}  // namespace freshet::folder
