// Tree: what the connector knows of the folders and files below the root. Knowledge, not truth: the file system is
// asked before anything is published.
//
//   Tree tree;
//   Folder& wards = tree.Ensure("wards/icu");
//   wards.files["visits.md"] = state;
//   Folder* found = tree.Find("wards");                 // null where it is not known
//
// About 250 bytes a file, no content. References to folders live until the folder is removed. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/version.h"
#include "connectors/folder/access.h"
#include "connectors/folder/files.h"

namespace freshet::folder {

// What was last published of a file.
struct FileState {
  FileStamp stamp;
  Hash128 hash{};
  Version version;
  Time published;
  Code refused = Code::kOk;  // else: the code that went instead of content
  uint32_t seen_by = 0;      // the last snapshot that mentioned it
  bool replaced = false;     // older content of it may still be searchable where `version` is under way
  bool racy = false;         // a later write within the clock's grain could have left the same stamp
  bool confirmed = false;    // published or compared by this run: the hash is that of the newest publication
};

struct AccessFile {
  enum class State : uint8_t { kNone, kGood, kBroken };
  State state = State::kNone;
  FileStamp stamp;
  bool racy = false;
  AccessRule rule;  // of a good one
  bool operator==(const AccessFile& other) const { return state == other.state && rule == other.rule; }
};

struct Folder {
  Folder* parent = nullptr;  // null: the root
  std::string name;
  std::string path;  // below the root, empty for the root
  std::map<std::string, std::unique_ptr<Folder>, std::less<>> folders;
  std::unordered_map<std::string, FileState> files;

  bool seen = false;        // opened by this run
  bool unreadable = false;  // there, but not to be opened: nobody may read what is known of it
  bool unwalked = false;    // a snapshot has yet to compare its files
  FolderIdentity identity;
  int watch = -1;

  AccessFile access;
  std::shared_ptr<const AccessList> effective;  // as the access files are now; null until first resolved
  std::shared_ptr<const AccessList> published;  // null: no list of this folder was ever published
  bool announced = false;                       // published by this run
  bool remembered = false;                      // the positions say that a list may have been published
  Time access_committed;                        // when `effective` became what it is, in the source
};

class Tree {
 public:
  Tree();

  Folder& root() { return *root_; }
  Folder* Find(std::string_view path);
  Folder& Ensure(std::string_view path);  // and the folders above it
  Folder& Child(Folder& parent, std::string_view name);
  // With everything below. Not the root.
  void Remove(Folder& folder);
  // The known file of a path; null where there is none.
  FileState* FindFile(std::string_view path);

  void SetWatch(Folder& folder, int watch);  // takes the number from whoever had it
  void DropWatch(Folder& folder);
  Folder* OfWatch(int watch);

 private:
  void ForgetWatches(Folder& folder);

  std::unique_ptr<Folder> root_;
  std::unordered_map<int, Folder*> watches_;
};

// Known files, in it and below.
uint64_t CountFiles(const Folder& folder);

// "a/b/c" -> {"a/b", "c"}; "c" -> {"", "c"}.
std::pair<std::string_view, std::string_view> SplitPath(std::string_view path);

}  // namespace freshet::folder
