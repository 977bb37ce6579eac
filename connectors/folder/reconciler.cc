#include "connectors/folder/reconciler.h"

namespace freshet::folder {
namespace {

Trust TrustOf(Why why) {
  if (why == Why::kEvent) return Trust::kClosed;
  return why == Why::kSettled ? Trust::kSettled : Trust::kAsk;
}

}  // namespace

Status Reconciler::Check(std::string_view path, Why why) {
  if (path.empty()) {
    walks_.emplace_back();
    return OkStatus();
  }
  const auto [folder_path, name] = SplitPath(path);
  Folder* const folder = parts_.tree.Find(folder_path);
  if (folder == nullptr) return OkStatus();
  const Opened opened = parts_.root.OpenFolder(folder->path);
  if (!opened.fd) return CheckUnopened(*folder, opened, why);
  return CheckEntry(*folder, opened.fd.get(), std::string(name), why);
}

Status Reconciler::CheckUnopened(Folder& folder, const Opened& opened, Why why) {
  if (IsOurs(opened.error)) return ErrorStatus(opened.error, "folder");
  if (opened.kind != EntryKind::kUnreadable) return Check(folder.path, why);
  parts_.access.SetUnreadable(folder);
  return OkStatus();
}

Status Reconciler::CheckEntry(Folder& folder, int fd, const std::string& name, Why why) {
  if (name == kAccessFile) return parts_.access.Read(folder, fd, TrustOf(why));
  if (parts_.decoder.IsIgnored(name)) return OkStatus();
  const Looked looked = LookAt(fd, name);
  switch (looked.kind) {
    case EntryKind::kFile:
      return CheckFile({folder, fd, name, why}, looked);
    case EntryKind::kFolder:
      return CheckFolder({folder, fd, name, why}, looked);
    case EntryKind::kUnreadable:
      Later(folder, name);
      return OkStatus();
    default:
      return CheckGone(folder, name);
  }
}

Status Reconciler::CheckGone(Folder& folder, const std::string& name) {
  parts_.backlog.Done(JoinNames(folder.path, name));
  const auto known = folder.folders.find(name);
  if (known != folder.folders.end()) FRESHET_RETURN_IF_ERROR(Forget(*known->second));
  return DeleteFile(folder, name);
}

Status Reconciler::DeleteFile(Folder& folder, const std::string& name) {
  if (folder.files.erase(name) == 0) return OkStatus();
  --files_;
  parts_.outbox.Delete(JoinNames(folder.path, name), heard_);
  return parts_.outbox.is_full() ? parts_.outbox.Flush() : OkStatus();
}

Status Reconciler::CheckFolder(const Place& place, const Looked& looked) {
  FRESHET_RETURN_IF_ERROR(DeleteFile(place.folder, place.name));
  const auto found = place.folder.folders.find(place.name);
  const bool seen = found != place.folder.folders.end() && found->second->identity != FolderIdentity();
  if (!place.scanned() && seen && found->second->identity.device != looked.identity.device) {
    doubt_ = true;  // mounted or unmounted: what was there is not deleted
    return OkStatus();
  }
  if (seen && found->second->identity != looked.identity) FRESHET_RETURN_IF_ERROR(Forget(*found->second));
  parts_.tree.Child(place.folder, place.name);
  if (!place.scanned()) walks_.push_back(place.path());  // a walk goes on there by itself
  return OkStatus();
}

Result<Reconciler::Visited> Reconciler::Visit(const std::string& path, Why why) {
  Folder* folder = parts_.tree.Find(path);
  if (folder == nullptr) return Visited();
  Opened opened = parts_.root.OpenFolder(path);
  if (!opened.fd && folder->parent == nullptr) return Status(Code::kUnavailable, "The root directory cannot be read");
  if (!opened.fd) {
    FRESHET_RETURN_IF_ERROR(CheckUnopened(*folder, opened, why));
    return Visited();
  }
  const bool another = folder->identity != FolderIdentity() && folder->identity != opened.identity;
  if (another && folder->identity.device == opened.identity.device) {
    FRESHET_RETURN_IF_ERROR(Forget(*folder));
    folder = &parts_.tree.Ensure(path);
  }
  folder->seen = true;
  folder->identity = opened.identity;
  // Watched first: what changes after it was looked at is told.
  const Watcher::Added added = parts_.watcher.Add(opened.fd.get());
  if (!added.unwatched()) parts_.tree.SetWatch(*folder, added.watch);
  if (added.at_limit) watches_exhausted_ = true;
  parts_.access.SetReadable(*folder);
  FRESHET_RETURN_IF_ERROR(parts_.access.Read(*folder, opened.fd.get(), Trust::kAsk));
  Result<std::vector<Entry>> entries = ListFolder(opened.fd.get());
  if (entries.ok()) return Visited{folder, std::move(opened.fd), std::move(*entries)};
  parts_.access.SetUnreadable(*folder);
  return Visited();
}

Status Reconciler::Forget(Folder& folder) {
  FRESHET_RETURN_IF_ERROR(ForgetBelow(folder));
  parts_.tree.Remove(folder);
  return OkStatus();
}

Status Reconciler::ForgetBelow(Folder& folder) {
  for (auto& [name, child] : folder.folders) FRESHET_RETURN_IF_ERROR(ForgetBelow(*child));
  if (folder.remembered) {
    parts_.outbox.ForgetFirst(FolderKey(folder.path));
    parts_.outbox.RemoveScope(folder.path);
  }
  for (const auto& [name, file] : folder.files) {
    const std::string path = JoinNames(folder.path, name);
    parts_.backlog.Done(path);
    parts_.outbox.ForgetFirst(FileKey(path));
    parts_.outbox.Delete(path, heard_);
    if (parts_.outbox.is_full()) FRESHET_RETURN_IF_ERROR(parts_.outbox.Flush());
  }
  files_ -= folder.files.size();
  folder.files.clear();
  parts_.watcher.Remove(folder.watch);
  return OkStatus();
}

void Reconciler::Later(Folder& folder, const std::string& name) {
  const std::string path = JoinNames(folder.path, name);
  parts_.backlog.LookAgain(path, parts_.host.clock().Now(), AccessKeeper::kRetry);
  const auto known = folder.files.find(name);
  if (known != folder.files.end()) Mention(path, known->second);
}

void Reconciler::Mention(const std::string& path, FileState& file) {
  if (snapshot_ == 0 || file.seen_by == snapshot_) return;
  file.seen_by = snapshot_;
  parts_.outbox.Present(path);
}

}  // namespace freshet::folder
