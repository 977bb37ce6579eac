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
// at CommittedNumber(): the owner adds again what came in later commits. Adding a chunk a second time replaces it.
//
// Removal. Who is alive is the caller's to say, at search time (LexicalAccept), so that each view sees its own state;
// Remove only lets the next Commit drop the entry from disk. Until then, removed entries count in the statistics of
// BM25, as they do in Lucene.
//
// Threads: Add, Remove, Reopen and Commit from one thread at a time; CommittedNumber, and readers, from any. A reader
// stays valid and unchanged for as long as it is held, also after later commits and after the index is gone.
//
// Codes: io_error, disk_full (retry: the entry is not in), corrupt_store (a damaged segment met after Open; open anew).
// After io_error or disk_full from Add, Reopen or Commit, the writer may have dropped what was not committed:
// `LostWrites()` says so, and the owner then adds again everything after CommittedNumber().
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
  kOwn,     // large merges run beside the writer thread
  kWriter,  // all merges run inside Add, Reopen and Commit: for deterministic tests
};

struct LexicalOptions {
  std::string path;
  LexicalDirectoryFactory open_directory;  // null: the operating system's files under `path`, made where missing
  size_t buffer_mb = 32;                   // of memory before a segment is written; more is faster bulk loads
  uint64_t newest_commit = UINT64_MAX;     // the owner's own: an index committed above it is thrown away
  MergeThread merge_thread = MergeThread::kOwn;
};

struct LexicalEntry {
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  std::string_view title;
  std::string_view section;
  std::string_view text;  // valid UTF-8; anything else is indexed as far as it can be read
};

// Which entries a search may return: exact, and asked only for those that would make it into the result.
struct LexicalAccept {
  const Filter::Bitmap* documents = nullptr;                // null: all
  FunctionRef<bool(ChunkOrdinal, DocumentOrdinal)> live{};  // null: all
};

// How much a word counts by where it stands, relative to the text (BM25F: Zaragoza et al., TREC 2004).
struct LexicalWeights {
  float title = 2.0f;
  float section = 1.5f;
};

class LexicalReader {
 public:
  virtual ~LexicalReader() = default;

  // What Reopen was given.
  virtual uint64_t commit() const = 0;
  // Entries on disk and in memory, those not alive among them.
  virtual uint64_t entries() const = 0;
  // The best `count` entries by BM25, best first, ties by ascending chunk. Any query is safe: at most the 64 rarest of
  // its distinct words are looked up. No hits where Lucene++ fails to read, which Status() of the next Commit tells.
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
  // Everything added so far, to be searched: near real time, no disk write is waited for.
  virtual Result<std::shared_ptr<const LexicalReader>> Reopen(uint64_t commit) = 0;
  virtual Status Commit(uint64_t commit) = 0;

  virtual uint64_t CommittedNumber() const = 0;  // 0: nothing yet
  virtual bool was_rebuilt() const = 0;
  virtual bool LostWrites() const = 0;
  // Bytes of its files.
  virtual uint64_t BytesOnDisk() const = 0;
};

}  // namespace freshet::store
