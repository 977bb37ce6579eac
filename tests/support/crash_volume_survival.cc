#include <algorithm>

#include "tests/support/crash_nodes.h"
#include "tests/support/crash_volume.h"

namespace freshet::test {

// Nothing and everything are the likeliest to find a defect, so they come up as often as all between.
size_t CrashVolume::Prefix(size_t size) {
  switch (random_() % 3) {
    case 0:
      return 0;
    case 1:
      return size;
    default:
      return random_() % (size + 1);
  }
}

CrashVolume::File CrashVolume::SurvivorOf(const FileNode& file) {
  auto survivor = std::make_shared<FileNode>();
  std::string& data = survivor->data;
  const size_t tail = file.data.size() - std::min<uint64_t>(file.durable, file.data.size());
  const size_t kept = Prefix(tail);
  data.assign(file.data, 0, file.data.size() - tail + kept);
  if (kept > 0 && random_() % 4 == 0) {  // the size reached the disk, the last bytes did not
    const size_t zeros = std::min<size_t>(kept, 1 + random_() % 512);
    std::fill(data.end() - static_cast<std::ptrdiff_t>(zeros), data.end(), '\0');
  }
  const size_t applied = Prefix(file.overwrites.size());
  for (size_t i = file.overwrites.size(); i > applied; --i) {
    const FileNode::Overwrite& overwrite = file.overwrites[i - 1];
    data.replace(overwrite.offset, overwrite.before.size(), overwrite.before);
  }
  survivor->durable = data.size();
  return survivor;
}

CrashVolume::Directory CrashVolume::SurvivorOf(const DirectoryNode& directory) {
  DirectoryNode::Names names = directory.durable;
  const size_t applied = Prefix(directory.unsynced.size());
  for (size_t i = 0; i < applied; ++i) DirectoryNode::Apply(directory.unsynced[i], names);
  auto survivor = std::make_shared<DirectoryNode>();
  for (const auto& [name, entry] : names) {
    Entry kept =
        entry.file != nullptr ? Entry{SurvivorOf(*entry.file), nullptr} : Entry{nullptr, SurvivorOf(*entry.directory)};
    survivor->names.emplace(name, std::move(kept));
  }
  survivor->durable = survivor->names;
  return survivor;
}

uint64_t CrashVolume::BytesBelow(const DirectoryNode& directory) {
  uint64_t bytes = 0;
  for (const auto& [name, entry] : directory.names) {
    bytes += entry.file != nullptr ? entry.file->data.size() : BytesBelow(*entry.directory);
  }
  return bytes;
}

void CrashVolume::CutPowerLocked() {
  if (!powered_) return;
  powered_ = false;
  next_ = std::make_unique<CrashVolume>(random_());
  next_->root_ = SurvivorOf(*root_);
  next_->used_ = BytesBelow(*next_->root_);
  next_->capacity_ = capacity_;
  // The life that goes on unawares has no end of room and no faults.
  capacity_ = UINT64_MAX;
  faults_.clear();
}

std::unique_ptr<CrashVolume> CrashVolume::AfterPowerLoss() {
  std::lock_guard lock(mutex_);
  CutPowerLocked();
  return std::move(next_);
}

}  // namespace freshet::test
