#include <algorithm>

#include "tests/support/crash_nodes.h"
#include "tests/support/crash_volume.h"

namespace freshet::test {
namespace {

// "/a//b/" -> {"a", "b"}
std::vector<std::string> PartsOf(const std::string& path) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (at < path.size()) {
    const size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at && path.compare(at, slash - at, ".") != 0) parts.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return parts;
}

struct Place {
  std::string directory;
  std::string name;
};

Place PlaceOf(const std::string& path) {
  const std::vector<std::string> parts = PartsOf(path);
  Place place;
  for (size_t i = 0; i + 1 < parts.size(); ++i) place.directory += "/" + parts[i];
  if (!parts.empty()) place.name = parts.back();
  return place;
}

Status Missing() { return Status(Code::kNotFound, "no such file or directory on the volume"); }
Status Impossible() { return Status(Code::kIoError, "the volume cannot do this to that path"); }

}  // namespace

std::optional<CrashVolume::Entry> CrashVolume::Find(const std::string& path) const {
  Entry entry{nullptr, root_};
  for (const std::string& part : PartsOf(path)) {
    if (entry.directory == nullptr) return std::nullopt;
    const auto found = entry.directory->names.find(part);
    if (found == entry.directory->names.end()) return std::nullopt;
    entry = found->second;
  }
  return entry;
}

CrashVolume::Directory CrashVolume::FindDirectory(const std::string& path) const {
  const std::optional<Entry> entry = Find(path);
  return entry ? entry->directory : nullptr;
}

Status CrashVolume::ChangeNames(DirectoryNode& directory, DirectoryNode::Operation operation) {
  const Turn turn(*this, DiskOperation::kName);
  FRESHET_RETURN_IF_ERROR(turn.status());
  for (const auto& [name, entry] : operation) {
    const auto old = directory.names.find(name);
    const bool goes = old != directory.names.end() && old->second.file != nullptr &&
                      std::ranges::none_of(operation, [&](const auto& other) {
                        return other.second && other.second->file == old->second.file;
                      });
    if (goes) used_ -= std::min<uint64_t>(used_, old->second.file->data.size());
  }
  DirectoryNode::Apply(operation, directory.names);
  directory.unsynced.push_back(std::move(operation));
  return OkStatus();
}

Result<CrashVolume::File> CrashVolume::Create(const std::string& path) {
  std::lock_guard lock(mutex_);
  const Place place = PlaceOf(path);
  const Directory directory = FindDirectory(place.directory);
  if (directory == nullptr) return Missing();
  const auto existing = directory->names.find(place.name);
  if (place.name.empty() || (existing != directory->names.end() && existing->second.directory != nullptr)) {
    return Impossible();
  }
  auto file = std::make_shared<FileNode>();
  FRESHET_RETURN_IF_ERROR(ChangeNames(*directory, {{place.name, Entry{file, nullptr}}}));
  return file;
}

Result<CrashVolume::File> CrashVolume::Open(const std::string& path) const {
  std::lock_guard lock(mutex_);
  const std::optional<Entry> entry = Find(path);
  if (!entry) return Missing();
  if (entry->file == nullptr) return Impossible();
  return entry->file;
}

bool CrashVolume::Exists(const std::string& path) const {
  std::lock_guard lock(mutex_);
  return Find(path).has_value();
}

bool CrashVolume::IsDirectory(const std::string& path) const {
  std::lock_guard lock(mutex_);
  return FindDirectory(path) != nullptr;
}

Result<std::vector<std::string>> CrashVolume::List(const std::string& path) const {
  std::lock_guard lock(mutex_);
  const Directory directory = FindDirectory(path);
  if (directory == nullptr) return Missing();
  std::vector<std::string> names;
  for (const auto& [name, entry] : directory->names) names.push_back(name);
  return names;
}

Status CrashVolume::MakeDirectory(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (const std::optional<Entry> entry = Find(path)) return entry->directory != nullptr ? OkStatus() : Impossible();
  const Place place = PlaceOf(path);
  const Directory parent = FindDirectory(place.directory);
  if (parent == nullptr) return Missing();
  return ChangeNames(*parent, {{place.name, Entry{nullptr, std::make_shared<DirectoryNode>()}}});
}

Status CrashVolume::Remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  const std::optional<Entry> entry = Find(path);
  if (!entry) return Missing();
  const Place place = PlaceOf(path);
  if (place.name.empty() || (entry->directory != nullptr && !entry->directory->names.empty())) return Impossible();
  return ChangeNames(*FindDirectory(place.directory), {{place.name, std::nullopt}});
}

Status CrashVolume::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  const std::optional<Entry> entry = Find(from);
  if (!entry) return Missing();
  const Place source = PlaceOf(from);
  const Place target = PlaceOf(to);
  if (entry->file == nullptr || source.directory != target.directory || target.name.empty()) return Impossible();
  if (source.name == target.name) return OkStatus();
  const std::optional<Entry> replaced = Find(to);
  if (replaced && replaced->directory != nullptr) return Impossible();
  return ChangeNames(*FindDirectory(source.directory), {{target.name, entry}, {source.name, std::nullopt}});
}

Status CrashVolume::SyncDirectory(const std::string& path) {
  std::lock_guard lock(mutex_);
  const Directory directory = FindDirectory(path);
  if (directory == nullptr) return Missing();
  const Turn turn(*this, DiskOperation::kSync);
  FRESHET_RETURN_IF_ERROR(turn.status());
  for (const DirectoryNode::Operation& operation : directory->unsynced) {
    DirectoryNode::Apply(operation, directory->durable);
  }
  directory->unsynced.clear();
  return OkStatus();
}

Status CrashVolume::Lock(const std::string& path) {
  std::lock_guard lock(mutex_);
  return locks_.insert(path).second ? OkStatus() : Status(Code::kIoError, "the lock is held");
}

void CrashVolume::Unlock(const std::string& path) {
  std::lock_guard lock(mutex_);
  locks_.erase(path);
}

}  // namespace freshet::test
