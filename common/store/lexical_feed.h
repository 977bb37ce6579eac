// LexicalFeed: keeps the lexical index of one space in step with RocksDB: feeds it each commit's chunks, replays the
// journal after a crash or a failed write, adds everything again where the index was lost.
//
//   auto feed = LexicalFeed::Open(core, space);          // in step with the state when it returns
//   feed->Take(changes);                                 // after RocksDB has the commit; errors are kept for later
//   Result<std::shared_ptr<const LexicalReader>> reader = feed->Reader();
//   feed->Commit();                                      // after RocksDB has been synced
//
// Where the index is only followed (Core::follower), texts are read back from what is stored, and nothing is written:
//
//   feed->TakeStored(changes);                           // after the state has the commit
//   feed->StartAgain();                                  // where the writer has committed: memory goes
//
// Only the thread that changes the state. Codes: those of LexicalIndex and of the LexicalTexts callback; configuration
// where a replay needs that callback and there is none.
#pragma once

#include <memory>
#include <set>

#include "common/store/batch.h"
#include "common/store/core.h"
#include "common/store/lexical.h"

namespace freshet::store {

class LexicalFeed {
 public:
  static Result<std::unique_ptr<LexicalFeed>> Open(Core& core, Space& space);
  // Begins to read the space's index, while the state is loaded; Open then takes it. The state's commit must be known.
  static void BeginToOpen(Core& core, SpaceId space);
  // Of a space's index: "<store>/lexical/<collection>-<generation>".
  static std::string PathOf(const std::string& store, SpaceId space);

  void Take(const ChunkChanges& changes);
  void TakeStored(const ChunkChanges& changes);
  // unavailable: later. The reader finds the same before and after.
  Status StartAgain();
  // Finds everything taken so far; the same one as before where nothing is new.
  Result<std::shared_ptr<const LexicalReader>> Reader();
  // Commits as of the state's commit and drops the journal up to there.
  Status Commit();

  bool has_uncommitted() const { return uncommitted_; }
  // True where something waits for a commit, and nothing more has come since this was asked last.
  bool IsQuiet();
  uint64_t uncommitted_bytes() const { return uncommitted_bytes_; }  // of text
  uint64_t BytesOnDisk() const { return index_ == nullptr ? 0 : index_->BytesOnDisk(); }

 private:
  using Wanted = std::map<DocumentOrdinal, std::set<ChunkOrdinal>>;

  LexicalFeed(Core& core, Space& space) : core_(core), space_(space) {}
  // Opens the index anew and brings it up to the state's commit.
  Status Recover();
  Result<std::unique_ptr<LexicalIndex>> OpenIndex();
  void TellOfDamage() const;
  Status Replay();
  Result<Wanted> ReadJournal(uint64_t after);
  Wanted Everything() const;
  Status AddAgain(const Wanted& wanted);
  Status AddAgain(DocumentOrdinal document, const std::set<ChunkOrdinal>& chunks);
  Result<std::vector<std::string>> ChunkRecords(const DocumentHead& head);
  Status Add(const LexicalEntry& entry);
  Status TryTake(const ChunkChanges& changes);
  bool follows() const { return core_.follower != nullptr; }

  Core& core_;
  Space& space_;
  std::unique_ptr<LexicalIndex> index_;
  std::shared_ptr<const LexicalReader> reader_;
  bool behind_ = false;  // a write failed: the journal has what is missing
  bool reader_is_old_ = true;
  bool uncommitted_ = false;
  bool asked_ = false;  // nothing has come since IsQuiet was asked
  uint64_t uncommitted_bytes_ = 0;
};

}  // namespace freshet::store
