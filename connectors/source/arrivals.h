// Arrivals: what every source that is pushed to does with what arrives, in one place: it waits in the inbox, gets its
// place and its time, and its sender is answered once it is durable.
//
//   // Open:                            // a server's thread:
//   arrivals.Open(start);               Status done = arrivals.Deliver(std::move(events), bytes, 10s);
//   // Stream:                          // Acknowledge:
//   return arrivals.Stream(wait);       arrivals.Acknowledge(position);
//
//  - Versions come as (1, when the sender says it was, 0): the place of arrival becomes the ordinal, where there is
//  none.
//  - What arrives late was committed before what has been vouched for, by this run or one before it: it counts as
//    committed after that.
//  - Groups and identities travel in topics that keep the last record of a key. What is older than what was published
//  is
//    left out: of groups ever (a note each), of the last 65,536 identities of this run.
//
//   position := "1"           it is stored so that notes are, and answers wait for it where there is a note
//   note     := "g/" group    -> 8 bytes: the newest position of its members
//
// Deliver: any thread, codes of Inbox::Deliver. The rest: one.
#pragma once

#include <map>
#include <string>

#include "connectors/source/inbox.h"
#include "connectors/source/latest.h"
#include "connectors/source/source.h"

namespace freshet {

class Arrivals {
 public:
  explicit Arrivals(size_t most_bytes);

  void Open(const SourceStart& start);
  // Who waits is told; nothing is taken in until Open.
  void Close() { inbox_.Close(); }
  Status Deliver(std::vector<ChangeEvent> events, size_t bytes, Duration patience) {
    return inbox_.Deliver(std::move(events), bytes, patience);
  }
  SourceBatch Stream(Duration wait);
  void Acknowledge(const std::string& position);

 private:
  bool IsSuperseded(const ChangeEvent& event, SourceBatch& batch);
  void Stamp(ChangeEvent& event);

  Inbox inbox_;
  const Clock* clock_ = nullptr;
  uint64_t arrival_ = 0;  // larger than in every earlier run
  Time vouched_;          // everything up to then was said to be published
  bool unsaved_ = false;  // notes are on their way: answers wait for them
  std::map<std::string, uint64_t> groups_;
  Latest identities_;
};

}  // namespace freshet
