#include "connectors/folder/access_keeper.h"

#include "common/telemetry/log.h"
#include "connectors/folder/decoder.h"

namespace freshet::folder {
namespace {

// Content that was published longer ago is taken to have arrived.
constexpr Duration kUnderWay = std::chrono::hours(1);
// Of the clocks that file systems stamp with.
constexpr int64_t kClockGrainNs = 2'000'000'000;

const AccessList& Nobody() {
  static const AccessList list;
  return list;
}

}  // namespace

Status AccessKeeper::Read(Folder& folder, int fd, Trust trust) {
  FRESHET_ASSIGN_OR_RETURN(AccessFile file, Load(folder, fd, trust));
  const bool same = folder.effective != nullptr && file == folder.access;
  const int64_t changed_ns = file.state == AccessFile::State::kNone ? FileTimeNow() : file.stamp.ctime_ns;
  folder.access = std::move(file);
  if (!same) Resolve(folder, std::min(TimeOf(changed_ns), parts_.host.clock().Now()));
  return OkStatus();
}

Result<AccessFile> AccessKeeper::Load(Folder& folder, int fd, Trust trust) {
  const std::string name(kAccessFile);
  const Looked looked = LookAt(fd, name);
  if (looked.kind == EntryKind::kAbsent) return Absent(folder, trust);
  const bool known = folder.access.state != AccessFile::State::kNone && !folder.access.racy;
  if (trust == Trust::kAsk && known && looked.stamp == folder.access.stamp) return folder.access;
  const int64_t now = FileTimeNow();
  FileRead read = ReadFile(fd, name, kMaxAccessFileBytes, AskForWriter::kYes);
  if (IsOurs(read.error)) return ErrorStatus(read.error, "access file");
  if (read.stamp == FileStamp()) read.stamp = looked.stamp;
  const bool young = read.stamp.ctime_ns > now - parts_.options.settle.count() * 1000;
  const bool being_written = trust == Trust::kAsk && young && read.has_writer;
  if (being_written || read.state == FileRead::State::kUnstable) {
    parts_.backlog.LookAgain(JoinNames(folder.path, name), parts_.host.clock().Now(), parts_.options.settle);
    return Broken(folder, read, Status(Code::kIoError, "is being written"));
  }
  return Parse(folder, read, now);
}

Result<AccessFile> AccessKeeper::Parse(const Folder& folder, const FileRead& read, int64_t read_at) {
  if (read.state != FileRead::State::kRead) return Broken(folder, read, Status(Code::kIoError, "cannot be read"));
  Result<AccessRule> rule = ParseAccessFile(read.bytes);
  if (!rule.ok()) return Broken(folder, read, rule.status());
  return AccessFile{.state = AccessFile::State::kGood,
                    .stamp = read.stamp,
                    .racy = read.stamp.ctime_ns > read_at - kClockGrainNs,
                    .rule = std::move(*rule)};
}

// An empty stamp: the file is gone, its effect is kept for now.
AccessFile AccessKeeper::Absent(const Folder& folder, Trust trust) {
  if (folder.access.state == AccessFile::State::kNone || trust == Trust::kSettled) return {};
  AccessFile kept = folder.access;
  if (kept.stamp != FileStamp()) {
    parts_.backlog.LookAgain(JoinNames(folder.path, kAccessFile), parts_.host.clock().Now(), parts_.options.settle);
  }
  kept.stamp = FileStamp();
  return kept;
}

AccessFile AccessKeeper::Broken(const Folder& folder, const FileRead& read, const Status& why) {
  const bool known = folder.access.state == AccessFile::State::kBroken && folder.access.stamp == read.stamp;
  if (!known) {
    Log(LogLevel::kWarning, "Access file cannot be used and nobody may read what lies below it.",
        {{"inode", read.stamp.inode}, {"error", why}});
  }
  return {.state = AccessFile::State::kBroken, .stamp = read.stamp, .racy = true, .rule = {}};
}

void AccessKeeper::SetUnreadable(Folder& folder) {
  parts_.backlog.LookAgain(folder.path, parts_.host.clock().Now(), kRetry);
  Close(folder);
}

void AccessKeeper::Close(Folder& folder) {
  const bool same = folder.unreadable && folder.effective != nullptr;
  folder.unreadable = true;
  folder.seen = true;
  if (!same) Resolve(folder, parts_.host.clock().Now());
  for (auto& [name, child] : folder.folders) Close(*child);
}

void AccessKeeper::SetReadable(Folder& folder) {
  if (!std::exchange(folder.unreadable, false)) return;
  Resolve(folder, parts_.host.clock().Now());
}

AccessList AccessKeeper::ListOf(const Folder& folder) const {
  if (folder.unreadable || folder.access.state == AccessFile::State::kBroken) return Nobody();
  const bool is_root = folder.parent == nullptr;
  if (folder.access.state == AccessFile::State::kGood) {
    return folder::Resolve(folder.access.rule, is_root ? Nobody() : *folder.parent->effective);
  }
  if (!is_root) return *folder.parent->effective;
  if (parts_.options.default_access == DefaultAccess::kNobody) return Nobody();
  return {.allow = {Principal("group:everyone")}, .deny = {}};
}

void AccessKeeper::Resolve(Folder& folder, Time committed) {
  // A folder whose parent was not resolved yet is resolved with it.
  if (folder.parent != nullptr && folder.parent->effective == nullptr) return;
  AccessList list = ListOf(folder);
  if (folder.effective != nullptr && *folder.effective == list) return;
  // Folders of one list share it.
  const bool inherited = folder.parent != nullptr && *folder.parent->effective == list;
  folder.effective = inherited ? folder.parent->effective : std::make_shared<const AccessList>(std::move(list));
  folder.access_committed = committed;
  changed_.insert(folder.path);
  for (auto& [name, child] : folder.folders) {
    if (child->seen) Resolve(*child, committed);
  }
}

Status AccessKeeper::RefreshAbove(std::string_view folder_path) {
  for (Folder* folder = parts_.tree.Find(folder_path); folder != nullptr; folder = folder->parent) {
    const Opened opened = parts_.root.OpenFolder(folder->path);
    if (IsOurs(opened.error)) return ErrorStatus(opened.error, "folder");
    if (opened.kind == EntryKind::kUnreadable) SetUnreadable(*folder);
    if (opened.fd) FRESHET_RETURN_IF_ERROR(Read(*folder, opened.fd.get(), Trust::kAsk));
  }
  return OkStatus();
}

void AccessKeeper::Walked(Folder& folder) {
  folder.unwalked = false;
  if (waiting_.erase(folder.path) > 0) changed_.insert(folder.path);
}

bool AccessKeeper::IsUnderWay(const FileState& file) const {
  return file.replaced && file.published + kUnderWay > parts_.host.clock().Now();
}

bool AccessKeeper::MayHoldOlderContent(const Folder& folder) const {
  if (folder.unwalked) return true;
  return std::any_of(folder.files.begin(), folder.files.end(),
                     [&](const auto& file) { return IsUnderWay(file.second); });
}

AccessKeeper::Lists AccessKeeper::BeforeContent() {
  Lists out;
  std::set<std::string> later;
  for (const std::string& path : std::exchange(changed_, {})) {
    Folder* const folder = parts_.tree.Find(path);
    if (folder == nullptr || folder->effective == nullptr) continue;
    const AccessList& now = *folder->effective;
    const bool known = folder->published != nullptr;
    if (known && folder->announced && *folder->published == now) continue;
    if (!known || OnlyNarrows(*folder->published, now) || !MayHoldOlderContent(*folder)) {
      Publish(*folder, now, out);
      continue;
    }
    AccessList both = Intersect(*folder->published, now);
    if (!folder->announced || both != *folder->published) Publish(*folder, std::move(both), out);
    (folder->unwalked ? waiting_ : later).insert(path);
  }
  changed_ = std::move(later);
  return out;
}

AccessKeeper::Lists AccessKeeper::AfterContent() {
  Lists out;
  for (const std::string& path : std::exchange(changed_, {})) {
    Folder* const folder = parts_.tree.Find(path);
    if (folder == nullptr) continue;
    WithholdOlderContent(*folder, out);
    Publish(*folder, *folder->effective, out);
  }
  return out;
}

void AccessKeeper::Publish(Folder& folder, AccessList list, Lists& out) {
  const Time now = parts_.host.clock().Now();
  if (!std::exchange(folder.remembered, true)) out.first_times.push_back(folder.path);
  const bool news = folder.published == nullptr || *folder.published != list;
  ChangeEvent event{.origin = {.version = parts_.next_version(), .committed = news ? folder.access_committed : now},
                    .change = AccessChange{.scope = ScopeOf(folder.path), .allow = list.allow, .deny = list.deny}};
  out.events.push_back(std::move(event));
  out.published.push_back(folder.path);
  const bool shared = *folder.effective == list;
  folder.published = shared ? folder.effective : std::make_shared<const AccessList>(std::move(list));
  folder.announced = true;
}

void AccessKeeper::WithholdOlderContent(const Folder& folder, Lists& out) {
  for (const auto& [name, file] : folder.files) {
    if (!IsUnderWay(file)) continue;
    Version between = file.version;  // its own position less one was left free for this
    between.position -= 1;
    ChangeEvent event{.origin = {.document = DocumentId(NativeId(JoinNames(folder.path, name))),
                                 .version = between,
                                 .committed = parts_.host.clock().Now()},
                      .change = Withhold{.reason = Code::kStale}};
    out.events.push_back(std::move(event));
  }
}

}  // namespace freshet::folder
