// How far the sink is, as stored beside the effects it covers: accounts, watermarks and open snapshots of a source.
//
//   account  := 1 first next absent count (outcome n)* count (step code n)*
//   snapshot := 1 begin:version phase stream doubtful held count begun* count ended*
//   watermark := microseconds(8), big-endian
//
// Decoding: corrupt_store. Plain values.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "common/store/index_store.h"

namespace freshet::store {

// One snapshot of a source, as its edges arrive on every partition; the next one takes its place.
struct SnapshotState {
  enum class Phase : uint8_t {
    kOpen,      // not every partition has told of its end
    kHeld,      // the mass-delete guard waits for a person
    kDeleting,  // what it did not mention is being deleted
    kDone,
  };
  Version begin;
  Phase phase = Phase::kOpen;
  Stream stream;          // that its edges travel on
  bool doubtful = false;  // records were lost that may have been mentions: nothing is deleted without a person
  uint64_t held = 0;      // documents that were to be deleted when the guard tripped
  std::set<Partition> begun;
  std::set<Partition> ended;
  // The begin of the newest snapshot that was acted on. What is older and was not mentioned is gone, also where it
  // arrives only now: another lane may be slower than the snapshot's.
  Version floor;
};

std::string Encode(const Account& account);
std::string Encode(const SnapshotState& snapshot);
std::string EncodeTime(Time time);
Result<Account> DecodeAccount(std::string_view value);
Result<SnapshotState> DecodeSnapshot(std::string_view value);
Result<Time> DecodeTime(std::string_view value);

// Counts `count` records from `offset` on under one outcome. What was counted before counts no more; offsets between
// held no records.
void Count(Account& account, Offset offset, uint64_t count, Outcome outcome, std::pair<Step, Code> why);

}  // namespace freshet::store
