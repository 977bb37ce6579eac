// The file system below a root, and nothing outside it: looking, listing, reading.
//
//   Result<RootDirectory> root = RootDirectory::Open("/srv/policies");
//   Opened folder = root->OpenFolder("wards/icu");               // a symlink on the way is not followed
//   Looked looked = LookAt(folder.fd.get(), "visits.md");
//   FileRead read = ReadFile(folder.fd.get(), "visits.md", 1 << 20);
//
// Paths are below the root, joined by '/', and empty for the root itself. No call follows a symlink below the root
// (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; on kernels without it, component by component with
// O_NOFOLLOW). Free functions without state; a RootDirectory may be used from any thread.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::folder {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Which content a name leads to, as far as the file system tells without reading it.
struct FileStamp {
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

struct FolderIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  bool operator==(const FolderIdentity&) const = default;
};

enum class EntryKind : uint8_t {
  kAbsent,
  kFile,
  kFolder,
  kOther,       // a symlink, a socket, a device
  kUnreadable,  // the file system will not tell
};

struct Looked {
  EntryKind kind = EntryKind::kAbsent;
  FileStamp stamp;          // of a file
  FolderIdentity identity;  // of a folder
  uint32_t links = 0;       // of a file: names that it has
};
Looked LookAt(int folder, const std::string& name);

struct Entry {
  std::string name;
  bool folder = false;  // else a file
};
// Files and folders; '.', '..' and what is neither are left out. io_error.
Result<std::vector<Entry>> ListFolder(int folder);

struct FileRead {
  enum class State : uint8_t {
    kRead,
    kUnstable,  // changed while it was read; bytes are what was read
    kTooLarge,
    kAbsent,      // gone, or no regular file
    kUnreadable,  // `error` says why
  };
  State state = State::kAbsent;
  FileStamp stamp;
  std::string bytes;
  int error = 0;           // errno
  bool has_writer = true;  // somebody has it open for writing, or the system does not tell; asked only if wanted
};
enum class AskForWriter : uint8_t { kNo, kYes };
FileRead ReadFile(int folder, const std::string& name, uint64_t limit, AskForWriter ask = AskForWriter::kNo);

// True where the error is this process's state (out of descriptors or memory), not the file's.
bool IsOurs(int error);
Status ErrorStatus(int error, std::string_view what);  // io_error: "what: No such file or directory"

// How a folder opens: fd where it does, else kind says why not (kAbsent, kOther or kUnreadable).
struct Opened {
  UniqueFd fd;
  FolderIdentity identity;
  EntryKind kind = EntryKind::kAbsent;
  int error = 0;
};

class RootDirectory {
 public:
  // unavailable: it is not there, is no directory or cannot be read.
  static Result<RootDirectory> Open(const std::filesystem::path& path);

  Opened OpenFolder(std::string_view path) const;
  // False where the root's path leads elsewhere or nowhere by now.
  bool IsInPlace() const;

 private:
  std::filesystem::path path_;
  UniqueFd fd_;
  FolderIdentity identity_;
};

// The time that the file system stamps with.
int64_t FileTimeNow();
Time TimeOf(int64_t file_time_ns);

std::string JoinNames(std::string_view folder, std::string_view name);

}  // namespace freshet::folder
