#include "common/store/follower_changes.h"

#include "common/store/loader.h"

namespace freshet::store {
namespace {

class Reading {
 public:
  Reading(Core& core, uint64_t commit) : core_(core) { changes_.commit = commit; }

  // Records decoded by `decode` into `out`; one that is not there is left out.
  template <class Key, class Value, class KeyOf, class Decode>
  Status Table(Family family, const std::set<Key>& keys, std::map<Key, Value>& out, const KeyOf& key_of,
               const Decode& decode) {
    for (const Key& key : keys) {
      FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value, core_.database->Get(family, key_of(key)));
      if (!value) continue;
      FRESHET_ASSIGN_OR_RETURN(out[key], decode(*value));
    }
    return OkStatus();
  }

  Status Tables(const Touched& touched) {
    FRESHET_RETURN_IF_ERROR(Table(kAccess, touched.scopes, changes_.scopes, NamedKey, DecodeScope));
    FRESHET_RETURN_IF_ERROR(Table(kGroups, touched.groups, changes_.groups, NamedKey, DecodeGroup));
    FRESHET_RETURN_IF_ERROR(Table(kConsents, touched.consents, changes_.consents, NamedKey, DecodeConsent));
    FRESHET_RETURN_IF_ERROR(Table(
        kProgress, touched.accounts, changes_.accounts,
        [](const PartitionId& id) { return ProgressKey(id.first, id.second); }, DecodeAccount));
    FRESHET_RETURN_IF_ERROR(Table(
        kWatermarks, touched.watermarks, changes_.watermarks,
        [](const WatermarkId& id) { return WatermarkKey(id.source, id.stream, id.partition); }, DecodeTime));
    return Table(
        kMeta, touched.snapshots, changes_.snapshots,
        [](const SnapshotId& id) { return SnapshotKey(id.source, id.collection); }, DecodeSnapshot);
  }

  Status Records() {
    for (const auto& [id, space] : core_.state.spaces) {
      FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value, core_.database->Get(kMeta, SpaceKey(id)));
      if (!value) return Status(Code::kCorruptStore, "a collection without a record");
      FRESHET_ASSIGN_OR_RETURN(SpaceRecord record, DecodeSpace(*value));
      if (record.lists != space->record.lists) {
        FRESHET_ASSIGN_OR_RETURN(changes_.lists[id].lists, LoadLists(core_, id, record.dimensions));
      }
      changes_.records[id] = std::move(record);
      FRESHET_RETURN_IF_ERROR(GenerationsOf(id.collection));
    }
    return OkStatus();
  }

  Status GenerationsOf(uint32_t collection) {
    if (changes_.generations.contains(collection)) return OkStatus();
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                             core_.database->Get(kMeta, GenerationsKey(collection)));
    if (!value) return OkStatus();
    FRESHET_ASSIGN_OR_RETURN(GenerationTable generations, DecodeGenerations(*value));
    const auto known = core_.state.generations.find(collection);
    if (known != core_.state.generations.end() && known->second == generations) return OkStatus();
    changes_.generations[collection] = std::move(generations);
    return OkStatus();
  }

  Status Documents(Space& space, const std::set<SourceKey>& keys) {
    for (const SourceKey& key : keys) {
      FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                               core_.database->Get(kDocuments, HeadKey(space.id, key)));
      DocumentHead head;  // says nothing: the document is gone
      if (value) {
        FRESHET_ASSIGN_OR_RETURN(head, DecodeHead(*value, space.facet_pool));
      }
      FRESHET_RETURN_IF_ERROR(Chunks(space, key, head));
      changes_.documents[space.id][key] = std::move(head);
    }
    return OkStatus();
  }

  void Lists(const Touched& touched) {
    for (const auto& [id, lists] : touched.lists) {
      if (core_.state.spaces.contains(id)) changes_.lists[id].touched = lists;
    }
    if (touched.knows_lists) return;
    for (const auto& [id, space] : core_.state.spaces) {
      if (space->lists != nullptr) changes_.lists[id].any_touched = true;
    }
  }

  Changes& changes() { return changes_; }

 private:
  // What became of a document's chunks: the difference of two heads.
  Status Chunks(const Space& space, const SourceKey& key, const DocumentHead& head) {
    std::map<ChunkOrdinal, bool> before;  // has a vector
    if (const auto row = space.documents.find(key); row != space.documents.end()) {
      for (const ChunkRef& chunk : row->second.chunks) before.emplace(chunk.ordinal, chunk.vector);
    }
    ChunkChanges& chunks = changes_.chunks[space.id];
    for (const ChunkRef& chunk : head.chunks) {
      const auto old = before.find(chunk.ordinal);
      const bool had_vector = old != before.end() && old->second;
      if (old == before.end()) chunks.added[chunk.ordinal] = {.document = head.ordinal};
      const bool scanned = changes_.records.at(space.id).lists == 0;
      if (chunk.vector && !had_vector && scanned) FRESHET_RETURN_IF_ERROR(Vector(space, chunk.ordinal, head.ordinal));
      if (old != before.end()) before.erase(old);
    }
    for (const auto& [chunk, vector] : before) chunks.removed.insert(chunk);
    return OkStatus();
  }

  Status Vector(const Space& space, ChunkOrdinal chunk, DocumentOrdinal document) {
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                             core_.database->Get(kVectors, ChunkKey(space.id, chunk)));
    if (!value || value->size() != changes_.records.at(space.id).dimensions * 2) {
      return Status(Code::kCorruptStore, "a vector");
    }
    auto half = std::make_shared<std::vector<uint16_t>>(value->size() / 2);
    for (size_t i = 0; i < half->size(); ++i) {
      (*half)[i] =
          static_cast<uint16_t>(static_cast<uint8_t>((*value)[2 * i]) | static_cast<uint8_t>((*value)[2 * i + 1]) << 8);
    }
    changes_.chunks[space.id].vectors[chunk] = {.document = document, .all = std::move(half)};
    return OkStatus();
  }

  Core& core_;
  Changes changes_;
};

}  // namespace

Result<std::optional<Touched>> ReadTouched(Core& core, uint64_t commit) {
  Touched touched;
  uint64_t expected = core.state.commit;
  const auto take = [&](std::string_view key, std::string_view value) {
    uint64_t number = 0;
    if (!ParseJournalKey(key, number)) return Status(Code::kCorruptStore, "a key of what was touched");
    if (number == expected + 1) ++expected;
    return touched.Add(value);
  };
  FRESHET_RETURN_IF_ERROR(
      ForEach(*core.database, kJournal, TouchedKey(core.state.commit + 1), TouchedKey(commit + 1), take));
  if (expected != commit) return std::optional<Touched>();
  return std::optional<Touched>(std::move(touched));
}

Result<Changes> ReadChanges(Core& core, const Touched& touched, uint64_t commit) {
  Reading reading(core, commit);
  FRESHET_RETURN_IF_ERROR(reading.Records());
  for (const auto& [id, documents] : touched.documents) {
    const auto space = core.state.spaces.find(id);
    if (space == core.state.spaces.end()) return Status(Code::kCorruptStore, "a document of no collection");
    FRESHET_RETURN_IF_ERROR(reading.Documents(*space->second, documents));
  }
  FRESHET_RETURN_IF_ERROR(reading.Tables(touched));
  reading.Lists(touched);
  return std::move(reading.changes());
}

}  // namespace freshet::store
