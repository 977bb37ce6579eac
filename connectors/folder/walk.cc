#include "connectors/folder/walk.h"

#include <algorithm>

namespace freshet::folder {
namespace {

constexpr int kFoldersPerBatch = 256;
constexpr int kFilesPerBatch = 1024;

}  // namespace

Result<bool> Walk::Advance() {
  started_ = true;
  for (int i = 0; i < kFoldersPerBatch && !to_visit_.empty(); ++i) FRESHET_RETURN_IF_ERROR(VisitNext());
  if (to_visit_.empty()) {
    for (int i = 0; i < kFilesPerBatch && !parts_.outbox.is_full(); ++i) {
      if (!fd_ && visited_.empty()) break;
      FRESHET_RETURN_IF_ERROR(fd_ ? CheckNext() : OpenNext());
    }
  }
  return !to_visit_.empty() || !visited_.empty() || static_cast<bool>(fd_);
}

Status Walk::VisitNext() {
  const std::string path = std::move(to_visit_.back());
  to_visit_.pop_back();
  FRESHET_ASSIGN_OR_RETURN(Reconciler::Visited visited, parts_.reconciler.Visit(path, plan_.why));
  visited_.push_back(path);
  if (visited.folder == nullptr) return OkStatus();
  visited.folder->unwalked = true;
  std::set<std::string_view> there;
  for (const Entry& entry : visited.entries) {
    if (!entry.folder) continue;
    FRESHET_RETURN_IF_ERROR(parts_.reconciler.CheckEntry(*visited.folder, visited.fd.get(), entry.name, plan_.why));
    if (!visited.folder->folders.contains(entry.name)) continue;
    there.insert(entry.name);
    to_visit_.push_back(JoinNames(path, entry.name));
  }
  for (const auto& [name, folder] : visited.folder->folders) {
    if (!there.contains(name)) missing_.push_back(folder->path);
  }
  return OkStatus();
}

Status Walk::OpenNext() {
  path_ = std::move(visited_.back());
  visited_.pop_back();
  FRESHET_ASSIGN_OR_RETURN(Reconciler::Visited visited, parts_.reconciler.Visit(path_, plan_.why));
  if (visited.folder == nullptr) {
    Folder* const unopened = parts_.tree.Find(path_);
    if (unopened == nullptr) return OkStatus();
    if (unopened->unreadable) MentionAll(*unopened);
    parts_.access.Walked(*unopened);
    return OkStatus();
  }
  names_.clear();
  next_ = 0;
  for (Entry& entry : visited.entries) {
    if (!entry.folder) names_.push_back(std::move(entry.name));
  }
  fd_ = std::move(visited.fd);
  return OkStatus();
}

Status Walk::CheckNext() {
  Folder* const folder = parts_.tree.Find(path_);
  if (folder == nullptr || next_ >= names_.size()) return Leave();
  const std::string& name = names_[next_++];
  if (name == kAccessFile) return OkStatus();  // was read by Visit, and will be again before content goes out
  return parts_.reconciler.CheckEntry(*folder, fd_.get(), name, plan_.why);
}

Status Walk::Leave() {
  fd_ = UniqueFd();
  Folder* const folder = parts_.tree.Find(path_);
  if (folder == nullptr) return OkStatus();
  std::sort(names_.begin(), names_.end());
  for (const auto& [name, file] : folder->files) {
    if (file.confirmed && !std::binary_search(names_.begin(), names_.end(), name)) {
      missing_.push_back(JoinNames(path_, name));
    }
  }
  parts_.access.Walked(*folder);
  return OkStatus();
}

void Walk::MentionAll(Folder& folder) {
  for (auto& [name, file] : folder.files) parts_.reconciler.Mention(JoinNames(folder.path, name), file);
  for (auto& [name, child] : folder.folders) MentionAll(*child);
}

}  // namespace freshet::folder
