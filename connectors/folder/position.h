// What the connector remembers between runs, small records under the keys of ConnectorHost::SavePositions.
//
//   PositionBook book(host);
//   FRESHET_ASSIGN_OR_RETURN(uint64_t epoch, book.Load(tree, fingerprint));    // fills the tree
//   book.Put(FileKey(path), EncodeFile(state));                                // later, with others
//   FRESHET_RETURN_IF_ERROR(book.Save());
//
//   key := "epoch" | "f/" path | "d/" path                     paths are bytes, below the root
//   epoch record  := 1 epoch(8) fingerprint(16)                of the options that decide what is published, all 0
//                                                              while some files may be as other options had them
//   file record   := 1 inode(8) size(8) mtime_ns(8) ctime_ns(8) hash(16) version(24) published_us(8) code:text flags(1)
//                    flags: 1 replaced, 2 racy
//   folder record := 1 has_list(1) count(4) allow:text* count(4) deny:text*     the list that was last published
//                  | 2 has_list(1) count(4) allow:listed* count(4) deny:listed*     where a name is listed for a time
//   listed        := text from_us(8) until_us(8)
//   Numbers are big-endian, text is common/base/bytes.h's.
//
// What is saved may lag behind what was published: then more is published again after a restart, never less. Two things
// are saved *before* they are published, by SaveFirst: that a folder's list is out, so that it can be taken back, and
// that what lay in a folder is gone, as the same files may come back under the same stamps. A record that cannot be
// read is as good as none. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "connectors/connector.h"
#include "connectors/folder/options.h"
#include "connectors/folder/tree.h"

namespace freshet::folder {

std::string FileKey(std::string_view path);
std::string FolderKey(std::string_view path);
std::string EncodeFile(const FileState& state);
std::optional<FileState> DecodeFile(std::string_view record);
std::string EncodeFolder(const AccessList* list);
std::optional<std::shared_ptr<const AccessList>> DecodeFolder(std::string_view record);

// Changes where the same file would be published differently.
Hash128 FingerprintOf(const FolderOptions& options);

class PositionBook {
 public:
  explicit PositionBook(ConnectorHost& host) : host_(host) {}

  // The epoch of the new run, saved and acknowledged: larger than every earlier one and than no clock's seconds.
  // Where the fingerprint is not that of the last finished snapshot, known files count as never compared.
  Result<uint64_t> Load(Tree& tree, const Hash128& fingerprint);
  // A snapshot has compared every file under this run's options.
  void SnapshotEnded();

  void Put(std::string key, std::optional<std::string> value);
  Status SaveFirst(std::vector<std::pair<std::string, std::optional<std::string>>> positions);
  Status Save();

  bool is_full() const { return dirty_.size() >= kMostDirty; }
  bool IsDue(Time now) const { return !dirty_.empty() && now >= first_dirty_ + kDelay; }
  Time due() const { return dirty_.empty() ? Time::max() : first_dirty_ + kDelay; }

 private:
  static constexpr size_t kMostDirty = 1000;
  static constexpr Duration kDelay = std::chrono::seconds(1);

  ConnectorHost& host_;
  uint64_t epoch_ = 0;
  Hash128 fingerprint_{};
  std::map<std::string, std::optional<std::string>> dirty_;
  Time first_dirty_;
};

}  // namespace freshet::folder
