// LexicalIndex: the words of one collection's chunks in Lucene++ segments, ranked by BM25 in our own code. Derived
// data: whatever is lost here, the owner adds again.
//
//   auto index = LexicalIndex::Open({.path = dir});
//   (*index)->Add({.chunk = chunk, .document = document, .title = title, .text = text});
//   std::shared_ptr<const LexicalReader> reader = *(*index)->Reopen(commit);    // now it can be found
//   std::vector<Hit> hits = reader->Search("contact precautions", 50, {.live = alive});
//   (*index)->Commit(commit);                                                   // now it survives power loss
//
// Numbers. A commit number is the owner's: it names a state of the owner's database. Commit(n) makes everything added
// so far durable under n, and the owner must have made n durable itself before. After a crash the index is what it was
// at CommittedNumber(): the owner adds again what came in later commits. Adding a chunk that is in changes nothing.
//
// Removal. Who is alive is the caller's to say, at search time (LexicalAccept), so that each view sees its own state;
// Remove only lets later commits drop the entry. Until then, removed entries count in the statistics of BM25, as they
// do in Lucene. A removed chunk never comes back under its ordinal.
//
// Where things are. Add and Reopen touch memory only; Commit writes what is new as one Lucene segment. The words and
// postings of all segments stay in memory (about a quarter of the text), positions on disk only.
//
// Threads: Add, Remove, Reopen and Commit from one thread at a time; CommittedNumber, and readers, from any. A reader
// stays valid and unchanged for as long as it is held, also after later commits and after the index is gone; searches
// take no lock and call nothing of Lucene++.
//
// Codes, of Open and Commit: io_error, disk_full (retry: nothing is lost, a later Commit writes it all), corrupt_store
// (a file that was good at Open is not any more; open anew).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/store/function_ref.h"
#include "common/store/view.h"

namespace freshet::store {

// Opens a directory: a std::shared_ptr<Lucene::DirectoryPtr>, typed away so that Lucene's headers stay in few files.
using LexicalDirectoryFactory = std::function<std::shared_ptr<void>(const std::string& path)>;

enum class MergeThread : uint8_t {
  kOwn,     // segments on disk are merged beside the writer thread
  kWriter,  // all merges run inside Commit: for deterministic tests
};

enum class LexicalUse : uint8_t {
  kOwn,
  kFollow,  // another process's index: nothing is written, Commit is refused, what is added stays in memory
};

struct LexicalOptions {
  std::string path;
  LexicalUse use = LexicalUse::kOwn;
  LexicalDirectoryFactory open_directory;  // null: the operating system's files under `path`, made where missing
  size_t buffer_mb = 32;  // of memory before words are sorted into a segment; more is faster bulk loads
  // The owner's own: an index committed above it is thrown away; where followed, unavailable: the owner is ahead.
  uint64_t newest_commit = UINT64_MAX;
  MergeThread merge_thread = MergeThread::kOwn;
};

struct LexicalEntry {
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  std::string_view title;
  std::string_view section;
  std::string_view text;  // valid UTF-8; anything else is indexed as far as it can be read
};

// Which entries a search may return: exact. `live` is asked only of those that would make it into the result.
struct LexicalAccept {
  const Filter::Bitmap* documents = nullptr;                // null: all
  FunctionRef<bool(ChunkOrdinal, DocumentOrdinal)> live{};  // null: all
};

class LexicalReader {
 public:
  virtual ~LexicalReader() = default;

  // What Reopen was given.
  virtual uint64_t commit() const = 0;
  // Entries on disk and in memory, those not alive among them.
  virtual uint64_t entries() const = 0;
  // The best `count` entries by BM25, best first, ties by ascending chunk. Any query is safe: at most the 64 rarest of
  // its distinct words are looked up. A word in the title or the section counts as two in the text (lexical_buffer.h).
  virtual std::vector<Hit> Search(std::string_view query, size_t count, const LexicalAccept& accept) const = 0;
};

class LexicalIndex {
 public:
  // A missing directory is an empty index; a damaged one is emptied: CommittedNumber() is then 0 and was_rebuilt()
  // true.
  static Result<std::unique_ptr<LexicalIndex>> Open(LexicalOptions options);
  // Drops what was not committed.
  virtual ~LexicalIndex() = default;

  virtual Status Add(const LexicalEntry& entry) = 0;
  virtual Status Remove(ChunkOrdinal chunk) = 0;
  // Everything added so far, to be searched. Costs well under a millisecond for a few new entries.
  virtual Result<std::shared_ptr<const LexicalReader>> Reopen(uint64_t commit) = 0;
  virtual Status Commit(uint64_t commit) = 0;
  // kFollow: begins again from the newest commit of whoever writes, and forgets what was added since; reads only what
  // is new on disk. On error (unavailable: as at Open) nothing has changed.
  virtual Status Follow(uint64_t newest_commit) = 0;

  virtual uint64_t CommittedNumber() const = 0;  // 0: nothing yet
  virtual bool was_rebuilt() const = 0;
  // The file for which it was; empty where the index was newer than its owner.
  virtual std::string damaged() const = 0;
  // Bytes of its files.
  virtual uint64_t BytesOnDisk() const = 0;
};

}  // namespace freshet::store
