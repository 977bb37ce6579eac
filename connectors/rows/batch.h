// Batch: changes of rows on their way to becoming events, the last one of each entity.
//
//   Batch batch(mapping);
//   batch.Add(change, {.version = {generation, commit_lsn, place}, .committed = time});
//   FRESHET_ASSIGN_OR_RETURN(Resolved events, batch.Resolve(&source));      // outbox.Arrange puts them in order
//
// Within a batch only the last change of an entity is published: the newest wins at the sink anyway. What the stream
// does not tell whole is asked of the source when the batch is resolved, and may be newer than its version says: its
// own change then follows with a larger one. A row that is gone by then counts as deleted.
// Order inside one change: deletes, withholding, list, content (sub-places of Version::ordinal). One thread.
#pragma once

#include <map>

#include "connectors/rows/assemble.h"

namespace freshet::rows {

struct Stamp {
  Version version;  // ordinal: the place of the row's change within its commit
  Time committed;
};

// The ordinal of an event: the place of its change, and the order within that.
enum class SubPlace : uint8_t { kDelete = 1, kWithhold = 2, kList = 3, kContent = 4 };
inline constexpr uint64_t kSubPlaces = 8;
Version VersionAt(const Stamp& stamp, SubPlace sub);
// The version of the withholding that hides what is older than this content, and nothing newer.
Version WithholdVersion(const Version& content);

// In the order in which they may be published.
struct Resolved {
  std::vector<ChangeEvent> deletes;
  std::vector<ChangeEvent> lists;
  std::vector<ChangeEvent> groups;
  std::vector<ChangeEvent> identities;
  std::vector<ChangeEvent> contents;

  size_t size() const { return deletes.size() + lists.size() + groups.size() + identities.size() + contents.size(); }
};

// A document with its list, where its row has one.
struct WholeRow {
  uint32_t rule = 0;  // of documents
  const Row& row;
  std::span<const ChildRows> children;
};
void AddDocument(const Mapping& mapping, const WholeRow& whole, const Stamp& stamp, Resolved& out);
// A scope's list or a group, of all its rows. Codes of Assembler::Group.
Status AddList(const Mapping& mapping, const EntityKey& key, std::span<const Row> rows, const Stamp& stamp,
               Resolved& out);
void AddIdentity(const Mapping& mapping, const IdentityRule& rule, const Row& row, const Stamp& stamp, Resolved& out);

class Batch {
 public:
  struct Limits {
    size_t changes = 1000;
    size_t bytes = 1u << 20;
    size_t fetch = 64;       // documents asked for at a time
    size_t fetched = 16384;  // bytes that a document counts as before it is asked for
  };
  // The mapping outlives this.
  explicit Batch(const Mapping& mapping) : mapping_(mapping), assembler_(mapping) {}
  Batch(const Mapping& mapping, Limits limits) : mapping_(mapping), limits_(limits), assembler_(mapping) {}

  void Add(RowChange change, const Stamp& stamp);
  bool empty() const { return pending_.empty(); }
  bool is_full() const { return pending_.size() >= limits_.changes || bytes_ >= limits_.bytes; }

  // All of it as events, and is empty then. `source` may be null: a document that would be asked for travels as refused
  // (unsupported_change), a list halts (configuration). Codes: those of the source.
  Result<Resolved> Resolve(RowSource* source);

 private:
  struct Pending {
    Touch::What what = Touch::What::kUpsert;
    Stamp stamp;
    std::shared_ptr<const Row> row;  // of kUpsert
  };
  using Items = std::vector<std::pair<EntityKey, Pending>>;

  Status ResolveLists(RowSource* source, const Items& items, Resolved& out);
  Status ResolveIdentities(RowSource* source, const Items& items, Resolved& out);
  Status ResolveDocuments(RowSource* source, const Items& items, Resolved& out);
  Status AddUnaskable(const Items& asked, Resolved& out);
  Status AddAsked(RowSource& source, const Items& asked, Resolved& out);
  void AddDelete(const EntityKey& key, const Pending& pending, Resolved& out);

  const Mapping& mapping_;
  const Limits limits_{};
  const Assembler assembler_;
  std::map<EntityKey, Pending> pending_;
  size_t bytes_ = 0;
};

}  // namespace freshet::rows
