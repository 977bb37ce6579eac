#include "common/store/lexical_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <utility>

namespace freshet::store {
namespace {

Status FromErrno(const char* call) {
  const int error = errno;
  const std::string message = std::string(call) + ", errno " + std::to_string(error);
  if (error == ENOENT) return Status(Code::kNotFound, message);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) return Status(Code::kDiskFull, message);
  return Status(Code::kIoError, message);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  bool ok() const { return number_ >= 0; }
  int number() const { return number_; }
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

class OsOutput final : public LexicalOutput {
 public:
  explicit OsOutput(Descriptor file) : file_(std::move(file)) {}

  Status Write(uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(file_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return FromErrno("pwrite");
      offset += static_cast<uint64_t>(written);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return OkStatus();
  }
  Status Close() override { return ::close(file_.Release()) == 0 ? OkStatus() : FromErrno("close"); }

 private:
  Descriptor file_;
};

class OsInput final : public LexicalInput {
 public:
  OsInput(Descriptor file, uint64_t size) : file_(std::move(file)), size_(size) {}

  uint64_t size() const override { return size_; }
  Status Read(uint64_t offset, std::span<char> out) const override {
    while (!out.empty()) {
      const ssize_t got = ::pread(file_.number(), out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return FromErrno("pread");
      if (got == 0) return Status(Code::kCorruptStore, "a file of the lexical index is too short");
      offset += static_cast<uint64_t>(got);
      out = out.subspan(static_cast<size_t>(got));
    }
    return OkStatus();
  }

 private:
  Descriptor file_;
  uint64_t size_;
};

class OsFiles final : public LexicalFiles {
 public:
  explicit OsFiles(std::string path) : path_(std::move(path)) {}

  Result<std::vector<std::string>> List() override {
    std::vector<std::string> names;
    DIR* const directory = ::opendir(path_.c_str());
    if (directory == nullptr && errno == ENOENT) return names;
    if (directory == nullptr) return FromErrno("opendir");
    while (const dirent* entry = ::readdir(directory)) {
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    ::closedir(directory);
    return names;
  }

  Result<std::unique_ptr<LexicalOutput>> Create(const std::string& name) override {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    Descriptor file(::open(PathOf(name).c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
    if (!file.ok()) return FromErrno("open");
    return std::unique_ptr<LexicalOutput>(std::make_unique<OsOutput>(std::move(file)));
  }

  Result<std::shared_ptr<LexicalInput>> Open(const std::string& name) override {
    Descriptor file(::open(PathOf(name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok()) return FromErrno("open");
    struct stat about;
    if (::fstat(file.number(), &about) != 0) return FromErrno("fstat");
    return std::shared_ptr<LexicalInput>(
        std::make_shared<OsInput>(std::move(file), static_cast<uint64_t>(about.st_size)));
  }

  Status Remove(const std::string& name) override {
    return ::unlink(PathOf(name).c_str()) == 0 ? OkStatus() : FromErrno("unlink");
  }

  Status Sync(const std::string& name) override {
    FRESHET_RETURN_IF_ERROR(SyncPath(PathOf(name)));
    FRESHET_RETURN_IF_ERROR(SyncPath(path_));
    // The directory's own name, once: it may have been made for this file.
    if (!synced_parent_.exchange(true)) return SyncPath(std::filesystem::path(path_).parent_path());
    return OkStatus();
  }

 private:
  std::string PathOf(const std::string& name) const { return path_ + "/" + name; }
  static Status SyncPath(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok()) return FromErrno("open");
    return ::fsync(file.number()) == 0 ? OkStatus() : FromErrno("fsync");
  }

  const std::string path_;
  std::atomic<bool> synced_parent_ = false;
};

}  // namespace

std::unique_ptr<LexicalFiles> NewOsFiles(std::string path) { return std::make_unique<OsFiles>(std::move(path)); }

}  // namespace freshet::store
