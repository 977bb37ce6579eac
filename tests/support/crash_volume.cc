#include "tests/support/crash_volume.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "tests/support/crash_nodes.h"

namespace freshet::test {

CrashVolume::CrashVolume(uint64_t seed) : random_(seed), root_(std::make_shared<DirectoryNode>()) {}
CrashVolume::~CrashVolume() = default;

CrashVolume::Turn::Turn(CrashVolume& volume, DiskOperation operation) : volume_(volume) {
  if (!volume.powered_) return;
  if (++volume.operations_ > volume.cut_at_) {
    cut_afterwards_ = volume.random_() % 2 == 0;
    if (!cut_afterwards_) volume.CutPowerLocked();
    return;
  }
  status_ = volume.TakeFault(operation);
}

CrashVolume::Turn::~Turn() {
  if (cut_afterwards_) volume_.CutPowerLocked();
}

Status CrashVolume::TakeFault(DiskOperation operation) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->operation && *fault->operation != operation) continue;
    if (fault->after > 0) {
      --fault->after;
      continue;
    }
    const Status status(fault->code, "an injected fault");
    if (!fault->sticky) faults_.erase(fault);
    return status;
  }
  return OkStatus();
}

Status CrashVolume::Append(const File& file, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  return WriteLocked(*file, file->data.size(), bytes);
}

Status CrashVolume::WriteAt(const File& file, uint64_t offset, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  return WriteLocked(*file, offset, bytes);
}

Status CrashVolume::WriteLocked(FileNode& file, uint64_t offset, std::string_view bytes) {
  const Turn turn(*this, DiskOperation::kWrite);
  FRESHET_RETURN_IF_ERROR(turn.status());
  Status status;
  const uint64_t room = file.data.size() + (capacity_ > used_ ? capacity_ - used_ : 0);
  if (offset + bytes.size() > room) {  // as write(2): what fits is written
    bytes = bytes.substr(0, room > offset ? room - offset : 0);
    status = Status(Code::kDiskFull, "the volume's capacity");
  }
  const uint64_t end = offset + bytes.size();
  if (offset < file.durable) {
    const uint64_t covered = std::min(end, file.durable) - offset;
    file.overwrites.push_back({offset, file.data.substr(offset, covered)});
  }
  if (end > file.data.size()) {
    used_ += end - file.data.size();
    file.data.resize(end);
  }
  std::memcpy(file.data.data() + offset, bytes.data(), bytes.size());
  return status;
}

Status CrashVolume::Truncate(const File& file, uint64_t size) {
  std::lock_guard lock(mutex_);
  const Turn turn(*this, DiskOperation::kWrite);
  FRESHET_RETURN_IF_ERROR(turn.status());
  used_ += size;
  used_ -= file->data.size();
  file->data.resize(size);
  file->durable = std::min(file->durable, size);
  std::erase_if(file->overwrites, [size](const auto& overwrite) { return overwrite.offset >= size; });
  for (auto& overwrite : file->overwrites) {
    overwrite.before.resize(std::min<uint64_t>(overwrite.before.size(), size - overwrite.offset));
  }
  return OkStatus();
}

Status CrashVolume::Sync(const File& file) {
  if (sync_micros_ > 0) std::this_thread::sleep_for(std::chrono::microseconds(sync_micros_));
  std::lock_guard lock(mutex_);
  ++syncs_;
  const Turn turn(*this, DiskOperation::kSync);
  if (!turn.status().ok()) {
    file->lost_sync = true;
    return turn.status();
  }
  if (!file->lost_sync) {
    file->durable = file->data.size();
    file->overwrites.clear();
  }
  return OkStatus();
}

size_t CrashVolume::ReadAt(const File& file, uint64_t offset, size_t size, char* out) const {
  std::lock_guard lock(mutex_);
  if (offset >= file->data.size()) return 0;
  const size_t count = std::min<size_t>(size, file->data.size() - offset);
  std::memcpy(out, file->data.data() + offset, count);
  return count;
}

uint64_t CrashVolume::SizeOf(const File& file) const {
  std::lock_guard lock(mutex_);
  return file->data.size();
}

std::string CrashVolume::Contents(const File& file) const {
  std::lock_guard lock(mutex_);
  return file->data;
}

void CrashVolume::SetCapacity(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

uint64_t CrashVolume::UsedBytes() const {
  std::lock_guard lock(mutex_);
  return used_;
}

uint64_t CrashVolume::FreeBytes() const {
  std::lock_guard lock(mutex_);
  return capacity_ > used_ ? capacity_ - used_ : 0;
}

void CrashVolume::Inject(const DiskFault& fault) {
  std::lock_guard lock(mutex_);
  faults_.push_back(fault);
}

void CrashVolume::Heal() {
  std::lock_guard lock(mutex_);
  faults_.clear();
  capacity_ = UINT64_MAX;
}

void CrashVolume::CutPowerAfter(uint64_t operations) {
  std::lock_guard lock(mutex_);
  cut_at_ = operations_ + operations;
}

void CrashVolume::CutPower() {
  std::lock_guard lock(mutex_);
  CutPowerLocked();
}

bool CrashVolume::powered() const {
  std::lock_guard lock(mutex_);
  return powered_;
}

uint64_t CrashVolume::syncs() const {
  std::lock_guard lock(mutex_);
  return syncs_;
}

void CrashVolume::SlowSyncs(std::chrono::microseconds each) { sync_micros_ = each.count(); }

uint64_t CrashVolume::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

}  // namespace freshet::test
