// Whether a server's history is the one that was read, although it has our slot: a server that was restored from a copy
// (point-in-time, the snapshot of a machine), or promoted on another timeline, has the slot as the copy had it, and may
// have gone on past our position with other changes.
//
//   EndOfTimeline(history_file, 3)           // where timeline 3 was left
//   HistoryProof proof({.told_from = slot.confirmed, .done = position.lsn, .landmark = position.landmark});
//   proof.Add({commit_lsn, commit_time});    // each commit that has rows of ours
//   FRESHET_RETURN_IF_ERROR(proof.Prove());  // once everything before `done` has been told
//
// The proof: what the slot does not know to be confirmed is told again, and skipped. The last commit with rows of ours
// among it must be the landmark, the last such commit that we had: at the same position with the same time. Where the
// slot knows the landmark to be confirmed, no such commit may come at all before `done`. Before the first one is known
// the landmark is the position before the slot's begin, without a time.
//
// That a slot knows something to be confirmed is proof by itself. Either we told it so, which only the history was told
// that told us; or it was made there: then by the run that stored this position, as no slot is made while an earlier
// position is stored (connector.h), or before, in a copy, whose history is ours up to the copy.
//
// Not seen: a slot of our name that somebody else made on a server that was restored without changing its timeline; and
// what was published behind the position that was stored last, where we were killed and the server lost it, both within
// that second.
//
// Grammar of a history file (PostgreSQL's timeline.c): lines of `timeline TAB switch_point TAB reason`, `#` comments.
// Plain values, one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::postgres {

// A commit that changed rows of mapped tables.
struct Landmark {
  uint64_t lsn = 0;  // of the commit; 0: none is known
  Time time;
  friend bool operator==(const Landmark&, const Landmark&) = default;
};

// Nothing: the timeline is none of this history's.
std::optional<uint64_t> EndOfTimeline(std::string_view history_file, uint32_t timeline);

class HistoryProof {
 public:
  struct Claim {
    uint64_t told_from = 0;  // the stream begins here; 0: at `done`, nothing is told again and nothing is proved
    uint64_t done = 0;       // all commits before it had been taken
    Landmark landmark;       // the last of them with rows of ours
  };
  explicit HistoryProof(const Claim& claim)
      : claim_(claim),
        landmark_(claim.landmark),
        proven_(claim.told_from == 0 || claim.told_from >= claim.done || claim.landmark.lsn == 0) {}

  // Whether the commit at this position had been taken before.
  bool IsToldAgain(uint64_t commit_lsn) const { return commit_lsn < claim_.done; }
  void Add(const Landmark& commit) { (IsToldAgain(commit.lsn) ? told_again_ : landmark_) = commit; }
  // unavailable: the history is another one.
  Status Prove();

  bool proven() const { return proven_; }
  bool refuted() const { return refuted_; }
  // The last commit with rows of ours.
  const Landmark& landmark() const { return landmark_; }

 private:
  const Claim claim_;
  Landmark landmark_, told_again_;
  bool proven_ = false;
  bool refuted_ = false;
};

}  // namespace freshet::postgres
