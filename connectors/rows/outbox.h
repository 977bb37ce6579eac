// Outbox: what batches and snapshots made, in the order that opens nothing to anybody it was not meant for.
//
//   Outbox outbox(mapping);
//   FRESHET_ASSIGN_OR_RETURN(std::vector<ChangeEvent> events, outbox.Arrange(std::move(resolved), &source));
//
// - A document's list goes out before its content: where this run has not published the list of its scope yet, it is
//   asked for and published first. So a list that was emptied while nobody looked is emptied at the sink too.
// - A list that changes may let somebody in who was never meant to see content that is being replaced: documents of
//   that scope that were published lately are withheld by a version just below their newest content. Where that content
//   is in already, nothing happens; else the older content stays hidden until it is.
// - Deletes, then lists, then groups and identities, then content. Documents of one call count as of any scope whose
//   list changes in the same call, as they may come from there.
// - Of a group or an identity nothing that is older than what the stream has told: their topics keep what came last. A
//   snapshot is read ahead of what is published of it.
//
// What is arranged counts as published: after a failure make a new one. Memory: a hash a scope, a group, an identity, a
// name a document, kMostScopes, kMostNames and kMostRecent of them. One thread.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <set>
#include <unordered_map>

#include "connectors/rows/batch.h"

namespace freshet::rows {

class Outbox {
 public:
  static constexpr size_t kMostScopes = 200'000;
  static constexpr size_t kMostRecent = 100'000;
  static constexpr size_t kMostNames = 200'000;  // that the stream has told

  // opened: when this run began. The one before it may have told of what was committed before that, and otherwise.
  // The mapping outlives this.
  explicit Outbox(const Mapping& mapping, Time opened = Time::min())
      : mapping_(mapping), assembler_(mapping), opened_(opened) {}

  enum class Told : uint8_t { kByStream, kBySnapshot };

  // source: asked for lists; null where there is none. Codes: the source's.
  Result<std::vector<ChangeEvent>> Arrange(Resolved events, RowSource* source, Told told = Told::kByStream);

  // Every scope's list is asked for and told anew before the next content of it.
  void ForgetScopes() {
    for (auto& [scope, known] : scopes_) known.told = false;
  }

 private:
  struct Recent {
    std::string scope;
    DocumentId document;
    Version content;
    Time committed;
  };
  Status AddMissingLists(Resolved& events, RowSource* source);
  // Leaves out what is older than what was published, or that again. The same list by a newer change is told all the
  // same: lists are asked for as they are now, so that a run before this one may have told another by the version that
  // this run told it by first, and the sink keeps what came first. The scopes whose lists may not be as they were.
  std::set<std::string> DropKnownLists(std::vector<ChangeEvent>& lists);
  void Keep(const Hash128& name, const Version& version);
  void DropOvertaken(std::vector<ChangeEvent>& changes, Told told);
  std::vector<ChangeEvent> Withholds(const Resolved& events, const std::set<std::string>& changed) const;
  void Remember(const std::vector<ChangeEvent>& contents);

  const Mapping& mapping_;
  const Assembler assembler_;
  const Time opened_;
  struct KnownList {
    Version version;
    Hash128 hash{};
    bool told = true;    // since ForgetScopes
    bool first = false;  // by this run: the one before may have told another by the same version
  };
  std::unordered_map<std::string, KnownList> scopes_;  // the newest that this run has published
  struct Name {
    Version newest;
    std::list<Hash128>::iterator place;
  };
  std::map<Hash128, Name> names_;  // groups and identities
  std::list<Hash128> named_;       // these, what was told last at the end
  std::deque<Recent> recent_;
  std::unordered_map<std::string, size_t> recent_of_;  // by scope
};

}  // namespace freshet::rows
