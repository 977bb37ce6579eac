#include "tests/support/crash_directory.h"

#include <atomic>
#include <utility>

#include "common/store/lexical_directory.h"

namespace freshet::test {
namespace {

class CrashOutput final : public store::LexicalOutput {
 public:
  CrashOutput(CrashVolume& volume, CrashVolume::File file) : volume_(volume), file_(std::move(file)) {}

  Status Write(uint64_t offset, std::string_view bytes) override { return volume_.WriteAt(file_, offset, bytes); }
  Status Close() override { return OkStatus(); }

 private:
  CrashVolume& volume_;
  const CrashVolume::File file_;
};

class CrashInput final : public store::LexicalInput {
 public:
  CrashInput(const CrashVolume& volume, CrashVolume::File file) : volume_(volume), file_(std::move(file)) {}

  uint64_t size() const override { return volume_.SizeOf(file_); }
  Status Read(uint64_t offset, std::span<char> out) const override {
    const size_t got = volume_.ReadAt(file_, offset, out.size(), out.data());
    return got == out.size() ? OkStatus() : Status(Code::kCorruptStore, "end of file");
  }

 private:
  const CrashVolume& volume_;
  const CrashVolume::File file_;
};

class CrashFiles final : public store::LexicalFiles {
 public:
  CrashFiles(CrashVolume& volume, std::string path) : volume_(volume), path_(std::move(path)) {}

  Result<std::vector<std::string>> List() override {
    if (!volume_.IsDirectory(path_)) return std::vector<std::string>();
    return volume_.List(path_);
  }
  Result<std::unique_ptr<store::LexicalOutput>> Create(const std::string& name) override {
    FRESHET_RETURN_IF_ERROR(ForEachParent([this](const std::string& parent) { return volume_.MakeDirectory(parent); }));
    FRESHET_ASSIGN_OR_RETURN(CrashVolume::File file, volume_.Create(PathOf(name)));
    return std::unique_ptr<store::LexicalOutput>(std::make_unique<CrashOutput>(volume_, std::move(file)));
  }
  Result<std::shared_ptr<store::LexicalInput>> Open(const std::string& name) override {
    FRESHET_ASSIGN_OR_RETURN(CrashVolume::File file, volume_.Open(PathOf(name)));
    return std::shared_ptr<store::LexicalInput>(std::make_shared<CrashInput>(volume_, std::move(file)));
  }
  Status Remove(const std::string& name) override { return volume_.Remove(PathOf(name)); }
  Status Sync(const std::string& name) override {
    FRESHET_ASSIGN_OR_RETURN(const CrashVolume::File file, volume_.Open(PathOf(name)));
    FRESHET_RETURN_IF_ERROR(volume_.Sync(file));
    FRESHET_RETURN_IF_ERROR(volume_.SyncDirectory(path_));
    if (synced_parents_) return OkStatus();
    FRESHET_RETURN_IF_ERROR(ForEachParent([this](const std::string& parent) {
      const size_t slash = parent.rfind('/');
      return volume_.SyncDirectory(slash == 0 ? "/" : parent.substr(0, slash));
    }));
    synced_parents_ = true;
    return OkStatus();
  }

 private:
  std::string PathOf(const std::string& name) const { return path_ + "/" + name; }
  // "/a", "/a/b", ... down to the directory itself.
  template <class Work>
  Status ForEachParent(Work work) const {
    for (size_t slash = 1; slash != std::string::npos;) {
      slash = path_.find('/', slash + 1);
      FRESHET_RETURN_IF_ERROR(work(path_.substr(0, slash)));
    }
    return OkStatus();
  }

  CrashVolume& volume_;
  const std::string path_;
  std::atomic<bool> synced_parents_ = false;
};

}  // namespace

std::unique_ptr<store::LexicalFiles> NewCrashFiles(CrashVolume& volume, std::string path) {
  return std::make_unique<CrashFiles>(volume, std::move(path));
}

store::LexicalDirectoryFactory CrashDirectories(CrashDisk& disk) {
  return [&disk](const std::string& path) {
    return store::HideDirectory(store::NewLexicalDirectory(NewCrashFiles(disk.volume(), path)));
  };
}

}  // namespace freshet::test
