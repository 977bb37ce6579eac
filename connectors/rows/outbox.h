// Outbox: publishes what batches and snapshots made, in the order that opens nothing to anybody it was not meant for.
//
//   Outbox outbox(mapping, host);
//   FRESHET_RETURN_IF_ERROR(outbox.Publish(std::move(events), Lane::kLive, &source));
//
// - A document's list goes out before its content: where this run has not published the list of its scope yet, it is
//   asked for and published first. So a list that was emptied while nobody looked is emptied at the sink too.
// - A list that changes may let somebody in who was never meant to see content that is being replaced: documents of
// that
//   scope that were published lately are withheld by a version just below their newest content. Where that content is
//   in already, nothing happens; else the older content stays hidden until it is.
// - Deletes, then lists, then groups and identities, then content. Documents of one call count as of any scope whose
// list
//   changes in the same call, as they may come from there.
// Memory: a hash a scope and a name a document, kMostScopes and kMostRecent of them. One thread.
#pragma once

#include <deque>
#include <list>
#include <unordered_map>

#include "connectors/connector.h"
#include "connectors/rows/batch.h"

namespace freshet::rows {

class Outbox {
 public:
  static constexpr size_t kMostScopes = 200'000;
  static constexpr size_t kMostRecent = 100'000;

  // Both outlive this.
  Outbox(const Mapping& mapping, ConnectorHost& host) : mapping_(mapping), assembler_(mapping), host_(host) {}

  // lane: of the contents. source: asked for lists; null where there is none. ok: all of it is durable.
  Status Publish(Resolved events, Lane lane, RowSource* source);

  // Every scope's list is asked for anew before the next content of it.
  void ForgetScopes() { scopes_.clear(); }
  uint64_t published() const { return published_; }

 private:
  struct Recent {
    std::string scope;
    DocumentId document;
    Version content;
    Time committed;
  };
  Status AddMissingLists(Resolved& events, RowSource* source);
  // Leaves out what was published the same before; true where anything is left.
  void DropKnownLists(std::vector<ChangeEvent>& lists);
  std::vector<ChangeEvent> Withholds(const Resolved& events) const;
  void Remember(const std::vector<ChangeEvent>& contents);

  const Mapping& mapping_;
  const Assembler assembler_;
  ConnectorHost& host_;
  std::unordered_map<std::string, Hash128> scopes_;  // published by this run, and what
  std::deque<Recent> recent_;
  std::unordered_map<std::string, size_t> recent_of_;  // by scope
  uint64_t published_ = 0;
};

}  // namespace freshet::rows
