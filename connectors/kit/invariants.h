// What must hold of everything that a connector has published, whatever the history.
//
//   std::string wrong = BrokenInvariant(host, {});     // "": nothing is
//
//  - versions: on the live and urgent lanes each change of a document has a larger version than every earlier one, or
//    is an exact repetition, or comes of telling again after a crash: in a later life than the newest one, and not
//    committed after it. One version never stands for two contents. A snapshot's may be lower: the stream wins.
//  - access: a list is published before the first content that hangs on it.
//  - heartbeats: none vouches for later than now, and nothing new follows on a lane that was committed before what a
//    heartbeat there vouched for (20 ms are allowed: file systems stamp by their clock tick). None vouches for the
//    backfill lane while a snapshot is open.
//  - groups and identities: within one life none has a smaller version than what was published of it before, as their
//    topics keep what came last.
//  - snapshots: each begins above those before, or is told again.
//  - memory: one call holds at most kMostBatchBytes of content, and one document.
//  - what KitHost checks of every event.
//
// A pure function.
#pragma once

#include <string>

#include "connectors/kit/kit_host.h"

namespace freshet::kit {

struct Judged {
  bool times = true;  // false: the clock was moved, and they say nothing
  bool order = true;  // false: the source says things late, and versions are its own: the index takes the newest
};

std::string BrokenInvariant(const KitHost& host, Judged judged);

}  // namespace freshet::kit
