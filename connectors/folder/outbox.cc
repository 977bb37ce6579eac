#include "connectors/folder/outbox.h"

namespace freshet::folder {
namespace {

// Of one batch. More is fewer syncs of the log, and edits that wait longer behind a snapshot's batch.
constexpr size_t kMostBytes = 1u << 20;
constexpr size_t kMostEvents = 1024;

size_t BytesOf(const ChangeEvent& event) {
  const auto* const upsert = std::get_if<Upsert>(&event.change);
  return upsert == nullptr ? 0 : upsert->content.size();
}

}  // namespace

void Outbox::Append(std::vector<ChangeEvent>& events, ChangeEvent event) {
  bytes_ += BytesOf(event);
  events.push_back(std::move(event));
}

void Outbox::Content(Item item) {
  const std::string path = JoinNames(item.folder, item.name);
  const DocumentId document(NativeId(path));
  const Version between = Next();
  if (item.mention) {
    Append(backfill_, {.origin = {.document = document, .version = between, .committed = item.committed},
                       .change = freshet::Present{}});
  }
  item.state.version = Next();
  item.state.published = parts_.host.clock().Now();
  item.state.confirmed = true;
  Append(item.lane == Lane::kLive ? live_ : backfill_,
         {.origin = {.document = document, .version = item.state.version, .committed = item.committed},
          .change = std::move(item.upsert)});
  parts_.tree.Ensure(item.folder).files[item.name] = item.state;
  folders_.insert(std::move(item.folder));
  published_.emplace_back(path, item.state);
}

void Outbox::Present(std::string_view path) {
  Append(backfill_,
         {.origin = {.document = DocumentId(NativeId(path)), .version = Next(), .committed = parts_.host.clock().Now()},
          .change = freshet::Present{}});
}

void Outbox::Delete(std::string_view path, Time committed) {
  Append(urgent_, {.origin = {.document = DocumentId(NativeId(path)), .version = Next(), .committed = committed},
                   .change = freshet::Delete{}});
  gone_.push_back(FileKey(path));
}

void Outbox::RemoveScope(std::string_view folder_path) {
  Append(urgent_, {.origin = {.version = Next(), .committed = parts_.host.clock().Now()},
                   .change = AccessChange{.scope = ScopeOf(folder_path), .removed = true}});
  gone_.push_back(FolderKey(folder_path));
}

bool Outbox::is_full() const {
  return bytes_ >= kMostBytes ||
         urgent_.size() + live_.size() + backfill_.size() + parts_.access.changes() >= kMostEvents;
}

Status Outbox::RefreshAccess() {
  for (const std::string& folder : std::exchange(folders_, {})) {
    FRESHET_RETURN_IF_ERROR(parts_.access.RefreshAbove(folder));
  }
  return OkStatus();
}

Status Outbox::Flush() {
  FRESHET_RETURN_IF_ERROR(RefreshAccess());
  AccessKeeper::Lists lists = parts_.access.BeforeContent();
  const bool nothing = lists.events.empty() && urgent_.empty() && published_.empty() && backfill_.empty();
  if (nothing && first_.empty() && parts_.access.changes() == 0) return OkStatus();
  // What a vanished root seems to say is not what the source says.
  if (!parts_.root.IsInPlace()) return Status(Code::kUnavailable, "The root directory is not where it was");
  for (const std::string& folder : lists.first_times) first_.emplace_back(FolderKey(folder), EncodeFolder(nullptr));
  FRESHET_RETURN_IF_ERROR(parts_.book.SaveFirst(std::exchange(first_, {})));
  FRESHET_RETURN_IF_ERROR(PublishUrgent(std::move(lists)));
  FRESHET_RETURN_IF_ERROR(PublishContent());
  FRESHET_RETURN_IF_ERROR(PublishUrgent(parts_.access.AfterContent()));
  return parts_.book.is_full() ? parts_.book.Save() : OkStatus();
}

Status Outbox::PublishUrgent(AccessKeeper::Lists lists) {
  std::vector<ChangeEvent> events = std::move(lists.events);
  std::move(urgent_.begin(), urgent_.end(), std::back_inserter(events));
  urgent_.clear();
  if (!events.empty()) FRESHET_RETURN_IF_ERROR(parts_.host.Publish(std::move(events), Lane::kUrgent));
  for (std::string& key : std::exchange(gone_, {})) parts_.book.Put(std::move(key), std::nullopt);
  for (const std::string& path : lists.published) {
    const Folder* const folder = parts_.tree.Find(path);
    if (folder != nullptr) parts_.book.Put(FolderKey(path), EncodeFolder(folder->published.get()));
  }
  return OkStatus();
}

Status Outbox::PublishContent() {
  bytes_ = 0;
  if (!live_.empty()) FRESHET_RETURN_IF_ERROR(parts_.host.Publish(std::exchange(live_, {}), Lane::kLive));
  if (!backfill_.empty()) FRESHET_RETURN_IF_ERROR(parts_.host.Publish(std::exchange(backfill_, {}), Lane::kBackfill));
  for (const auto& [path, state] : std::exchange(published_, {})) {
    // What was deleted in the same batch stays forgotten.
    if (parts_.tree.FindFile(path) != nullptr) parts_.book.Put(FileKey(path), EncodeFile(state));
  }
  return OkStatus();
}

}  // namespace freshet::folder
