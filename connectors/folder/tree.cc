#include "connectors/folder/tree.h"

namespace freshet::folder {

std::pair<std::string_view, std::string_view> SplitPath(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

uint64_t CountFiles(const Folder& folder) {
  uint64_t count = folder.files.size();
  for (const auto& [name, child] : folder.folders) count += CountFiles(*child);
  return count;
}

Tree::Tree() : root_(std::make_unique<Folder>()) {}

Folder* Tree::Find(std::string_view path) {
  Folder* at = root_.get();
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const auto child = at->folders.find(path.substr(0, slash));
    if (child == at->folders.end()) return nullptr;
    at = child->second.get();
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return at;
}

Folder& Tree::Ensure(std::string_view path) {
  if (path.empty()) return *root_;
  const auto [parent, name] = SplitPath(path);
  return Child(Ensure(parent), name);
}

Folder& Tree::Child(Folder& parent, std::string_view name) {
  const auto found = parent.folders.find(name);
  if (found != parent.folders.end()) return *found->second;
  auto folder = std::make_unique<Folder>();
  folder->parent = &parent;
  folder->name = name;
  folder->path = JoinNames(parent.path, name);
  return *parent.folders.emplace(folder->name, std::move(folder)).first->second;
}

void Tree::Remove(Folder& folder) {
  ForgetWatches(folder);
  Folder& parent = *folder.parent;
  parent.folders.erase(parent.folders.find(folder.name));
}

FileState* Tree::FindFile(std::string_view path) {
  const auto [folder_path, name] = SplitPath(path);
  Folder* const folder = Find(folder_path);
  if (folder == nullptr) return nullptr;
  const auto found = folder->files.find(std::string(name));
  return found == folder->files.end() ? nullptr : &found->second;
}

void Tree::SetWatch(Folder& folder, int watch) {
  if (folder.watch == watch) return;
  DropWatch(folder);
  Folder*& owner = watches_[watch];
  if (owner != nullptr) owner->watch = -1;
  owner = &folder;
  folder.watch = watch;
}

void Tree::DropWatch(Folder& folder) {
  if (folder.watch >= 0) watches_.erase(folder.watch);
  folder.watch = -1;
}

Folder* Tree::OfWatch(int watch) {
  const auto found = watches_.find(watch);
  return found == watches_.end() ? nullptr : found->second;
}

void Tree::ForgetWatches(Folder& folder) {
  DropWatch(folder);
  for (auto& [name, child] : folder.folders) ForgetWatches(*child);
}

}  // namespace freshet::folder
