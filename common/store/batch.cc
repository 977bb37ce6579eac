#include "common/store/batch.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/store/journal.h"
#include "common/store/registers.h"
#include "common/store/touched.h"
#include "common/store/wire.h"

namespace freshet::store {
namespace {

// binary16 as it lies on disk: little-endian.
std::string HalfBytes(std::span<const uint16_t> half) {
  std::string bytes;
  bytes.reserve(half.size() * 2);
  for (const uint16_t number : half) {
    bytes.push_back(static_cast<char>(number));
    bytes.push_back(static_cast<char>(number >> 8));
  }
  return bytes;
}

JournalEntry JournalOf(const ChunkChanges& changes) {
  JournalEntry entry;
  for (const auto& [chunk, added] : changes.added) entry.added[added.document].push_back(chunk);
  entry.removed.assign(changes.removed.begin(), changes.removed.end());
  return entry;
}

}  // namespace

Batch::Batch(const State& state, Database& database)
    : scopes(state.scopes),
      groups(state.groups),
      consents(state.consents),
      accounts(state.accounts),
      watermarks(state.watermarks),
      snapshots(state.snapshots),
      state_(state),
      database_(database),
      changes_{.commit = state.commit + 1} {}

void Batch::Put(Family family, std::string_view key, std::string_view value) {
  // Fails only where a batch outgrows 4 GiB a value: limits on messages keep far below.
  writes_.Put(database_.family(family), ToSlice(key), ToSlice(value)).PermitUncheckedError();
}

void Batch::Merge(Family family, std::string_view key, std::string_view value) {
  writes_.Merge(database_.family(family), ToSlice(key), ToSlice(value)).PermitUncheckedError();
}

void Batch::Remove(Family family, std::string_view key) {
  writes_.Delete(database_.family(family), ToSlice(key)).PermitUncheckedError();
}

void Batch::RemovePrefix(Family family, const std::string& prefix) {
  writes_.DeleteRange(database_.family(family), ToSlice(prefix), ToSlice(PrefixEnd(prefix))).PermitUncheckedError();
}

Batch::Documents& Batch::documents(const Space& space) {
  return documents_.try_emplace(space.id, space.documents).first->second;
}

SpaceRecord& Batch::EditSpace(const Space& space) {
  return changes_.records.try_emplace(space.id, space.record).first->second;
}

const SpaceRecord& Batch::space_record(const Space& space) const {
  const auto changed = changes_.records.find(space.id);
  return changed == changes_.records.end() ? space.record : changed->second;
}

void Batch::PutBody(const Space& space, DocumentOrdinal document, std::string_view body) {
  Put(kDocuments, BodyKey(space.id, document), body);
}

void Batch::PutChunkRecord(const Space& space, ChunkOrdinal chunk, DocumentOrdinal document, std::string_view record) {
  std::string value;
  AppendBig32(value, document.value);
  value.append(record);
  Put(kChunks, ChunkKey(space.id, chunk), value);
}

void Batch::AddChunk(const Space& space, ChunkOrdinal chunk, const AddedChunk& added) {
  changes_.chunks[space.id].added[chunk] = added;
}

void Batch::AddVector(const Space& space, ChunkOrdinal chunk, const AddedVector& added) {
  changes_.chunks[space.id].vectors[chunk] = added;
  const std::span<const uint16_t> half = added.half(space_record(space).dimensions);
  Put(kVectors, ChunkKey(space.id, chunk), HalfBytes(half));
  if (space.lists == nullptr) return;
  const VectorCodes codes(half);
  const ListEntry entry{chunk.value, added.document.value, codes.scale, codes.codes.data()};
  AppendToList(space, space.lists->Nearest(codes.codes, codes.scale), entry);
}

void Batch::PutList(const Space& space, uint32_t list, std::string_view entries) {
  Put(kPostings, ListKey(space.id, list), entries);
  const uint32_t dimensions = space_record(space).dimensions;
  changes_.lists[space.id].entries[list] = ListValue(entries, dimensions).size();
}

void Batch::AppendToList(const Space& space, uint32_t list, const ListEntry& entry) {
  std::string operand;
  AppendListEntry(operand, entry, space_record(space).dimensions);
  Merge(kPostings, ListKey(space.id, list), operand);
  ++changes_.lists[space.id].appended[list];
  changes_.lists[space.id].behind[list] += operand;
}

void Batch::RemoveList(const Space& space, uint32_t list) {
  Remove(kPostings, ListKey(space.id, list));
  Remove(kPostings, CentroidKey(space.id, list));
}

void Batch::PutCentroids(const Space& space, std::shared_ptr<const VectorLists> lists,
                         const std::set<uint32_t>& changed) {
  for (const uint32_t list : changed) {
    Put(kPostings, CentroidKey(space.id, list), store::Encode(lists->centroids().at(list)));
  }
  ++EditSpace(space).lists;
  changes_.lists[space.id].lists = std::move(lists);
}

void Batch::RemoveChunk(const Space& space, const ChunkRef& chunk) {
  ChunkChanges& changes = changes_.chunks[space.id];
  changes.vectors.erase(chunk.ordinal);
  if (changes.added.erase(chunk.ordinal) == 0) changes.removed.insert(chunk.ordinal);
  Remove(kChunks, ChunkKey(space.id, chunk.ordinal));
  if (chunk.vector) Remove(kVectors, ChunkKey(space.id, chunk.ordinal));
}

void Batch::RemoveBody(const Space& space, DocumentOrdinal document) {
  Remove(kDocuments, BodyKey(space.id, document));
}

void Batch::PutTombstone(const Space& space, const SourceKey& document, Time expires) {
  Put(kTombstones, TombstoneKey(expires, space.id, document), "");
}

void Batch::RemoveTombstone(std::string_view key) { Remove(kTombstones, key); }

void Batch::PutGenerations(uint32_t collection, GenerationTable generations) {
  Put(kMeta, GenerationsKey(collection), store::Encode(generations));
  changes_.generations[collection] = std::move(generations);
}

void Batch::RemoveSpace(const Space& space) {
  for (const Family family : {kDocuments, kChunks, kVectors, kPostings, kJournal}) {
    RemovePrefix(family, SpacePrefix(space.id));
  }
  Remove(kMeta, SpaceKey(space.id));
  changes_.dropped.insert(space.id);
}

void Batch::PutGone(const Space& space, const SourceKey& document, const Version& version) {
  std::string value;
  AppendVersion(value, version);
  Put(kMeta, GoneKey(space.id.collection, document), value);
}

void Batch::RemoveGone(const Space& space, const SourceKey& document) {
  Remove(kMeta, GoneKey(space.id.collection, document));
}

bool Batch::changes_anything() const {
  const bool heads = std::any_of(documents_.begin(), documents_.end(),
                                 [](const auto& documents) { return !documents.second.changes().empty(); });
  return heads || !changes_.records.empty() || !scopes.changes().empty() || !groups.changes().empty() ||
         !consents.changes().empty() || !accounts.changes().empty() || !watermarks.changes().empty() ||
         !snapshots.changes().empty() || writes_.Count() > 0;
}

void Batch::Gather() {
  for (auto& [id, documents] : documents_) changes_.documents[id] = std::move(documents.changes());
  changes_.scopes = std::move(scopes.changes());
  changes_.groups = std::move(groups.changes());
  changes_.consents = std::move(consents.changes());
  changes_.accounts = std::move(accounts.changes());
  changes_.watermarks = std::move(watermarks.changes());
  changes_.snapshots = std::move(snapshots.changes());
}

void Batch::EncodeDocuments() {
  for (const auto& [id, documents] : changes_.documents) {
    for (const auto& [key, head] : documents) {
      if (SaysNothing(head)) {
        Remove(kDocuments, HeadKey(id, key));
        continue;
      }
      std::string value;
      EncodeHead(head, value);
      Put(kDocuments, HeadKey(id, key), value);
    }
  }
  for (const auto& [id, chunks] : changes_.chunks) {
    if (!chunks.empty()) Put(kJournal, JournalKey(id, commit()), store::Encode(JournalOf(chunks)));
  }
  for (const auto& [id, record] : changes_.records) Put(kMeta, SpaceKey(id), store::Encode(record));
}

void Batch::EncodeTables() {
  for (const auto& [key, lists] : changes_.scopes) Put(kAccess, NamedKey(key), store::Encode(lists));
  for (const auto& [key, group] : changes_.groups) Put(kGroups, NamedKey(key), store::Encode(group));
  for (const auto& [key, consent] : changes_.consents) Put(kConsents, NamedKey(key), store::Encode(consent));
  for (const auto& [id, account] : changes_.accounts) {
    Put(kProgress, ProgressKey(id.first, id.second), store::Encode(account));
  }
  for (const auto& [id, time] : changes_.watermarks) {
    Put(kWatermarks, WatermarkKey(id.source, id.stream, id.partition), EncodeTime(time));
  }
  for (const auto& [id, snapshot] : changes_.snapshots) {
    Put(kMeta, SnapshotKey(id.source, id.collection), store::Encode(snapshot));
  }
}

rocksdb::WriteBatch& Batch::Encode() {
  Gather();
  EncodeDocuments();
  EncodeTables();
  const NamesKnown names{state_.source_numbers.size(), state_.spaces.size() - changes_.dropped.size()};
  const std::string touched = EncodeTouched(changes_, names);
  touched_bytes_ = touched.size();
  Put(kJournal, TouchedKey(commit()), touched);
  std::string number;
  AppendBig64(number, commit());
  Put(kMeta, CommitKey(), number);
  return writes_;
}

}  // namespace freshet::store
