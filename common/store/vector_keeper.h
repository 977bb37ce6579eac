// VectorKeeper: keeps the inverted lists of one space in shape, for the writer: makes them when vectors become too many
// to scan, splits lists that grow, dissolves those that shrink, moves vectors that a new centroid is nearer to, sweeps
// out what has been deleted.
//
//   keeper.Note(changes);                               // after each write
//   Batch batch(state, database);
//   Result<bool> planned = keeper.Step(batch);          // one change; false: all is well
//   if (*planned) write and publish the batch, keeper.Note(its changes)
//
// Each step is one atomic write that changes which list a vector is in, never what a search may find: so a crash
// between two steps leaves nothing to mend. A step reads and writes a few lists (a new index: all vectors). Only the
// writer thread. Codes: io_error, corrupt_store.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "common/store/batch.h"
#include "common/store/core.h"
#include "common/store/vector_split.h"

namespace freshet::store {

class VectorKeeper {
 public:
  VectorKeeper(Core& core, Space& space) : core_(core), space_(space) {}

  void Note(const Changes& changes);
  // Some list is so long that the next write should wait for it to be split.
  bool IsPressing() const;
  // Lists that hold more than they should, and wait to be split.
  size_t LongLists() const;
  Result<bool> Step(Batch& batch);

 private:
  // A list as read: entries lent from the value, each chunk once, without those that are gone.
  struct Loaded {
    std::string value;
    ListEntries entries;
    size_t size = 0;  // with what is left out
  };

  Result<Loaded> Load(uint32_t list) const;
  Result<bool> SplitLongest(Batch& batch);
  Result<bool> DissolveShortest(Batch& batch);
  Result<bool> SweepNext(Batch& batch);
  // vector_keeper_split.cc
  using Halves = std::map<uint32_t, ListEntries>;
  using Moved = std::vector<std::pair<uint32_t, ListEntry>>;
  struct Neighbour {
    uint32_t list;
    Loaded& loaded;
  };
  Status Split(Batch& batch, uint32_t list, const Loaded& loaded);
  // What is nearer to one of these lists than to its half, and where it goes.
  static Moved MoveOut(const VectorLists& lists, std::span<const uint32_t> around, Halves& halves);
  // What is nearer to a half than to its neighbour goes there.
  void MoveIn(Batch& batch, const VectorLists& lists, Neighbour from, Halves& halves);
  void Rewrite(Batch& batch, uint32_t list, const ListEntries& entries) const;
  uint64_t Entries() const;

  uint64_t most() const { return core_.options.list_vectors; }
  uint32_t dimensions() const { return space_.record.dimensions; }

  Core& core_;
  Space& space_;
  std::map<uint32_t, uint64_t> entries_;  // by list; of those not looked at since Open, as known then
  uint32_t next_swept_ = 0;
  uint64_t unseen_ = 0;  // lists to look at for what has come since their centroid was written
};

// Puts all vectors of a space into lists, as part of the batch; very many in writes before it, which nobody reads until
// the batch is written.
Status BuildLists(Core& core, const Space& space, Batch& batch);

// The list's entries as they are stored now.
std::string ListBytes(const ListEntries& entries, uint32_t dimensions);

}  // namespace freshet::store
