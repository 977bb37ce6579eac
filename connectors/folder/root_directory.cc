// RootDirectory of files.h: how a path below the root is opened without leaving it.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include "connectors/folder/files.h"

namespace freshet::folder {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

int OpenBeneath(int root, const std::string& path) {
  open_how how{};
  how.flags = kFolderFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how)));
}

// The same for kernels and sandboxes without openat2.
int OpenStepwise(int root, std::string_view path) {
  UniqueFd at(openat(root, ".", kFolderFlags));
  while (at && !path.empty()) {
    const size_t slash = path.find('/');
    at = UniqueFd(openat(at.get(), std::string(path.substr(0, slash)).c_str(), kFolderFlags));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return at ? dup(at.get()) : -1;
}

EntryKind KindOfError(int error) {
  if (error == ENOENT) return EntryKind::kAbsent;
  // RESOLVE_NO_SYMLINKS says ELOOP, O_DIRECTORY ENOTDIR: something else stands there, or on the way.
  if (error == ENOTDIR || error == ELOOP || error == EXDEV) return EntryKind::kOther;
  return EntryKind::kUnreadable;
}

FolderIdentity IdentityOf(const struct stat& stat) { return {.device = stat.st_dev, .inode = stat.st_ino}; }

}  // namespace

Result<RootDirectory> RootDirectory::Open(const std::filesystem::path& path) {
  RootDirectory root;
  root.path_ = path;
  root.fd_ = UniqueFd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat stat;
  if (!root.fd_ || fstat(root.fd_.get(), &stat) != 0) {
    return Status(Code::kUnavailable, std::string("root directory: ") + std::strerror(errno));
  }
  root.identity_ = IdentityOf(stat);
  return root;
}

Opened RootDirectory::OpenFolder(std::string_view path) const {
  const std::string text = path.empty() ? "." : std::string(path);
  int fd = OpenBeneath(fd_.get(), text);
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) fd = OpenStepwise(fd_.get(), path);
  Opened opened{.fd = UniqueFd(fd), .kind = EntryKind::kFolder};
  struct stat stat;
  if (fd < 0 || fstat(fd, &stat) != 0) {
    opened.error = errno;
    opened.kind = KindOfError(opened.error);
    opened.fd = UniqueFd();
    return opened;
  }
  opened.identity = IdentityOf(stat);
  return opened;
}

bool RootDirectory::IsInPlace() const {
  struct stat stat;
  return ::stat(path_.c_str(), &stat) == 0 && IdentityOf(stat) == identity_;
}

}  // namespace freshet::folder
