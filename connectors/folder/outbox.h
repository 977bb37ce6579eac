// Outbox: what is about to be published, and the order in which that is safe.
//
//   outbox.Content({.folder = "wards", .name = "visits.md", .upsert = …, .state = …, .lane = Lane::kLive});
//   outbox.Delete("wards/old.md", seen);
//   FRESHET_RETURN_IF_ERROR(outbox.Flush());
//
// Flush publishes, each acknowledged before the next: lists of access, deletes and removed scopes (urgent), content
// (live, then backfill), lists that had to wait for content (urgent). Versions are (epoch of the run, counter, 0); each
// content takes two, and the first of them is used by its mention in a snapshot or by a withhold of older content.
// After an error the run is over: nothing here is published again by the same run. One thread.
#pragma once

#include <string>
#include <vector>

#include "connectors/folder/access_keeper.h"
#include "connectors/folder/decoder.h"
#include "connectors/folder/position.h"

namespace freshet::folder {

class Outbox {
 public:
  struct Parts {
    ConnectorHost& host;
    const RootDirectory& root;
    Tree& tree;
    PositionBook& book;
    AccessKeeper& access;
  };
  explicit Outbox(Parts parts) : parts_(parts) {}

  void Begin(uint64_t epoch) { epoch_ = epoch; }
  Version Next() { return {.epoch = epoch_, .position = ++counter_}; }

  struct Item {
    std::string folder;  // path
    std::string name;
    Upsert upsert;
    FileState state;  // becomes the file's; version and time are filled in here
    Lane lane = Lane::kLive;
    bool mention = false;  // a snapshot is open: say on its lane that the document is there
    Time committed;
  };
  void Content(Item item);
  void Present(std::string_view path);
  // The file is as it was published, under another stamp.
  void Restamp(std::string path, const FileState& state) { published_.emplace_back(std::move(path), state); }
  void Delete(std::string_view path, Time committed);
  // The folder is gone: nobody is let in by its list any more.
  void RemoveScope(std::string_view folder_path);
  // Positions of what is gone, saved before anything of this flush is published.
  void ForgetFirst(std::string key) { first_.emplace_back(std::move(key), std::nullopt); }

  bool is_full() const;
  // unavailable: the root is not where it was, nothing was published.
  Status Flush();

 private:
  void Append(std::vector<ChangeEvent>& events, ChangeEvent event);
  Status RefreshAccess();
  void Remember(const AccessKeeper::Lists& lists);
  Status PublishUrgent(AccessKeeper::Lists lists);
  Status PublishContent();

  Parts parts_;
  uint64_t epoch_ = 0;
  uint64_t counter_ = 0;
  std::vector<ChangeEvent> urgent_, live_, backfill_;
  std::set<std::string> folders_;                             // that content in here lies in
  std::vector<std::pair<std::string, FileState>> published_;  // positions to remember once acknowledged
  std::vector<std::string> gone_;                             // the same, of files and folders that are gone
  std::vector<std::pair<std::string, std::optional<std::string>>> first_;
  size_t bytes_ = 0;
};

}  // namespace freshet::folder
