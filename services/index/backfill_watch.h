// BackfillWatch: whose backfill stands still, though nothing of others holds it up.
//
//   watch.Took(arrival, now);                                        // of each input of the backfill lane
//   Duration still = watch.StoodStill(SourceName("charts"), now);    // asked while its snapshot is open
//
// All backfills of a tenant share the lane, so that one that moves says nothing of another, and one that waits behind
// another's million records stands still for nobody. So a source's silence is measured by the lane's own clock, which
// is when what comes out of the lane now was captured: what lay before that has come out. Where nothing comes out at
// all, by ours. What is no progress of a source: heartbeats, documents that are only run again, and a snapshot that is
// begun anew before it has ended.
//
// In memory alone: after a start everybody has just moved. Took: one thread, the sink's; StoodStill: any.
#pragma once

#include <map>
#include <mutex>

#include "common/base/clock.h"
#include "common/stage/envelope.h"
#include "schemas/chunked.h"

namespace freshet::index {

class BackfillWatch {
 public:
  explicit BackfillWatch(Time now) : took_(now) {}

  void Took(const Arrival<EmbeddedDocument>& arrival, Time now);
  Duration StoodStill(const SourceName& source, Time now) const;

 private:
  struct Seen {
    Time moved;         // by the lane's clock
    bool open = false;  // a snapshot's begin came, and no end since
  };

  void TurnClock(Partition partition, Time captured);
  static bool IsProgress(const Envelope<EmbeddedDocument>& envelope, Seen& seen);

  mutable std::mutex mutex_;
  std::map<Partition, Time> captured_;  // the latest that came out of each
  Time clock_;                          // the lane's: the oldest of these, never going back
  Time began_;                          // by that, the epoch before anything came
  Time took_;                           // anything, by our clock
  std::map<SourceName, Seen> sources_;
};

}  // namespace freshet::index
