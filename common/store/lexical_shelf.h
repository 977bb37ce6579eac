// LexicalShelf: the lexical index on disk: segment files, and commits that name them. Commits are Lucene's own
// (segments_N, by Lucene++), so that any reader of its format opens the index.
//
//   FRESHET_ASSIGN_OR_RETURN(LexicalContents contents, shelf.Load(newest_commit));
//   FRESHET_ASSIGN_OR_RETURN(ShelvedSegment shelved, shelf.Write(built));
//   shelf.Commit(segments, 42);
//
// What a commit holds: user data {"commit": the owner's number, "analyzer": version and weights}, and of each segment
// the diagnostics {"body", "positions", "body_sum", "positions_sum", "deletions", "dead_sum"}: bytes, CRC-32C, and the
// generation of Lucene's file of dead rows. A commit replaces the one before only when it is durable; then files that
// it does not name go.
//
// Write and ReadPositions: any thread. The others: one thread at a time. Codes: io_error, disk_full,
// corrupt_store.
#pragma once

#include <memory>
#include <mutex>
#include <roaring/roaring.hh>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/store/lexical.h"
#include "common/store/lexical_segment.h"

namespace freshet::store {

struct ShelvedSegment {
  std::shared_ptr<const LexicalSegment> segment;
  std::string name;  // "_5"
  uint64_t body_bytes = 0;
  uint64_t positions_bytes = 0;
  uint32_t body_sum = 0;
  uint32_t positions_sum = 0;
  uint64_t deletions = 0;  // generation of the file of dead rows, 0: none
  uint32_t dead_sum = 0;
  Roaring dead;  // rows
  bool dead_changed = false;

  double DeadShare() const { return static_cast<double>(dead.cardinality()) / static_cast<double>(segment->rows()); }
};

struct LexicalContents {
  uint64_t commit = 0;
  bool rebuilt = false;  // there was an index, but none that can be used
  std::string damaged;   // the file that is why; empty: the index was newer than its owner
  std::vector<ShelvedSegment> segments;
};

class LexicalShelf {
 public:
  // Hides a Lucene::DirectoryPtr.
  explicit LexicalShelf(std::shared_ptr<void> directory);
  ~LexicalShelf();

  // The newest whole commit up to `newest_commit`; removes all files of no use. Once, before all else.
  Result<LexicalContents> Load(uint64_t newest_commit);
  // The newest commit of another process's index, for reading: removes nothing, tells of no dead rows, and reads none
  // of the `known` segments again. Empty where there is none, or none that can be used; unavailable where the newest is
  // above `newest_commit`, or the writer was too quick.
  Result<LexicalContents> Follow(uint64_t newest_commit, std::span<const ShelvedSegment> known);
  // A new file, durable, that no commit names yet.
  Result<ShelvedSegment> Write(const BuiltSegment& built);
  Result<std::string> ReadPositions(const ShelvedSegment& shelved);
  // Of a segment that no later commit will name: its file may go.
  void Forget(const ShelvedSegment& shelved);
  // Brings deletion files up to date, then the commit. On error the last commit stands.
  Status Commit(std::span<ShelvedSegment> segments, uint64_t commit);

  uint64_t BytesOnDisk() const;

 private:
  struct Lucene;

  using CommitFiles = std::vector<std::pair<uint64_t, std::string>>;

  Result<CommitFiles> ListCommits();
  Result<LexicalContents> LoadCommit(const std::string& file, std::span<const ShelvedSegment> known);
  Result<ShelvedSegment> LoadSegment(size_t index, std::span<const ShelvedSegment> known);
  Status WriteFile(const std::string& name, std::span<const std::string_view> pieces);
  Status WriteDeletions(ShelvedSegment& shelved);
  Status WriteCommit(std::span<const ShelvedSegment> segments, uint64_t commit);
  void RemoveUnused(std::span<const ShelvedSegment> segments);
  std::set<std::string> UsedFiles(std::span<const ShelvedSegment> segments);
  std::string TakeName();

  std::unique_ptr<Lucene> lucene_;
  mutable std::mutex mutex_;
  uint64_t next_name_ = 0;
  std::string reading_;            // the file that is, or was last, read at Load
  std::set<std::string> unnamed_;  // files written since, that the next commit may name
};

}  // namespace freshet::store
