#include "connectors/folder/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

namespace freshet::folder {
namespace {

constexpr int64_t kNanos = 1'000'000'000;

FileStamp StampOf(const struct stat& stat) {
  return {.inode = stat.st_ino,
          .size = static_cast<uint64_t>(stat.st_size),
          .mtime_ns = stat.st_mtim.tv_sec * kNanos + stat.st_mtim.tv_nsec,
          .ctime_ns = stat.st_ctim.tv_sec * kNanos + stat.st_ctim.tv_nsec};
}

EntryKind KindOf(mode_t mode) {
  if (S_ISREG(mode)) return EntryKind::kFile;
  return S_ISDIR(mode) ? EntryKind::kFolder : EntryKind::kOther;
}

// A read lease is granted only where nobody has the file open for writing (fcntl(2)). Whoever opens it for writing
// meanwhile waits these few instructions; the kernel's signal is one that is ignored by default.
bool MayHaveWriter(int fd) {
  if (fcntl(fd, F_SETSIG, SIGURG) != 0 || fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return true;
  fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

// Up to limit + 1 bytes; false where the system refuses.
bool ReadBytes(int fd, size_t expected, size_t limit, std::string& out) {
  out.resize(std::min(expected, limit) + 1);  // one more: tells a file that has grown
  size_t used = 0;
  while (true) {
    const ssize_t got = ::read(fd, out.data() + used, out.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    used += static_cast<size_t>(got);
    if (got == 0 || used > limit) break;
    if (used == out.size()) out.resize(std::min(out.size() * 2, limit + 1));
  }
  out.resize(used);
  return true;
}

FileRead Unreadable(int error) {
  const bool gone = error == ENOENT || error == ELOOP || error == ENXIO || error == ENOTDIR;
  return {.state = gone ? FileRead::State::kAbsent : FileRead::State::kUnreadable, .error = error};
}

FileRead ReadOpen(int fd, uint64_t limit, AskForWriter ask) {
  struct stat before, after;
  if (fstat(fd, &before) != 0) return Unreadable(errno);
  if (!S_ISREG(before.st_mode)) return {};
  FileRead read{.state = FileRead::State::kTooLarge, .stamp = StampOf(before)};
  if (read.stamp.size > limit) return read;
  if (ask == AskForWriter::kYes) read.has_writer = MayHaveWriter(fd);
  if (!ReadBytes(fd, read.stamp.size, limit, read.bytes) || fstat(fd, &after) != 0) return Unreadable(errno);
  if (read.bytes.size() > limit) return read;
  const bool still = read.bytes.size() == read.stamp.size && StampOf(after) == read.stamp;
  read.state = still ? FileRead::State::kRead : FileRead::State::kUnstable;
  read.stamp = StampOf(after);
  return read;
}

// d_type where the file system fills it, else a look.
EntryKind KindOf(int folder, const dirent& entry) {
  if (entry.d_type == DT_REG) return EntryKind::kFile;
  if (entry.d_type == DT_DIR) return EntryKind::kFolder;
  return entry.d_type == DT_UNKNOWN ? LookAt(folder, entry.d_name).kind : EntryKind::kOther;
}

}  // namespace

Looked LookAt(int folder, const std::string& name) {
  struct stat stat;
  if (fstatat(folder, name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) != 0) {
    const bool gone = errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
    return {.kind = gone ? EntryKind::kAbsent : EntryKind::kUnreadable};
  }
  return {.kind = KindOf(stat.st_mode),
          .stamp = StampOf(stat),
          .identity = {.device = stat.st_dev, .inode = stat.st_ino},
          .links = static_cast<uint32_t>(stat.st_nlink)};
}

Result<std::vector<Entry>> ListFolder(int folder) {
  // A descriptor of its own, since closing the stream closes it, and a position of its own.
  const int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return ErrorStatus(errno, "list folder");
  DIR* const stream = fdopendir(own);
  if (stream == nullptr) {
    ::close(own);
    return ErrorStatus(errno, "list folder");
  }
  std::vector<Entry> entries;
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const EntryKind kind = KindOf(folder, *entry);
    if (kind == EntryKind::kFile || kind == EntryKind::kFolder) {
      entries.push_back({.name = std::string(name), .folder = kind == EntryKind::kFolder});
    }
    errno = 0;
  }
  const int error = errno;
  closedir(stream);
  if (error != 0) return ErrorStatus(error, "list folder");
  return entries;
}

FileRead ReadFile(int folder, const std::string& name, uint64_t limit, AskForWriter ask) {
  // O_NONBLOCK: a name that has become a pipe must not hold us up.
  const UniqueFd fd(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return Unreadable(errno);
  return ReadOpen(fd.get(), limit, ask);
}

bool IsOurs(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

Status ErrorStatus(int error, std::string_view what) {
  return Status(Code::kIoError, std::string(what) + ": " + std::strerror(error));
}

int64_t FileTimeNow() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kNanos + now.tv_nsec;
}

Time TimeOf(int64_t file_time_ns) { return FromMicros(file_time_ns / 1000); }

std::string JoinNames(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty()) path += '/';
  return path.append(name);
}

}  // namespace freshet::folder
