// What happens to documents: content, skips, deletes, withholds, mentions.
#include <algorithm>
#include <unordered_map>

#include "common/store/apply.h"
#include "common/store/registers.h"

namespace freshet::store {
namespace {

struct ChunkIdentityHash {
  size_t operator()(const std::pair<Hash128, uint32_t>& identity) const {
    return std::hash<std::string_view>()(AsBytes(identity.first)) * 31 + identity.second;
  }
};
// Chunks of the version before, by (hash, occurrence), each to be taken over at most once.
using OldChunks = std::unordered_map<std::pair<Hash128, uint32_t>, ChunkRef, ChunkIdentityHash>;

OldChunks Index(const std::vector<ChunkRef>& chunks) {
  OldChunks old;
  for (const ChunkRef& chunk : chunks) old.emplace(std::pair(chunk.hash, chunk.occurrence), chunk);
  return old;
}

// How long a tombstone that outlived its time waits, at least, to be looked at again.
constexpr Duration kTombstoneAgain = std::chrono::minutes(10);

Edition EditionOf(const Origin& origin) { return {origin.version, origin.revision}; }

}  // namespace

Applier::Effect Applier::Do(const Mutation& mutation, const PutDocument& put) {
  const Origin& origin = mutation.origin;
  Space& space = *state_.FindSpace(origin.collection, origin.generation);
  const DocumentHead* known = batch_.documents(space).Find(KeyOf(mutation));
  const bool wins = known == nullptr || ContentWins(*known, EditionOf(origin));
  if (!wins || IsBelowFloor(space, mutation, known)) return {.outcome = Outcome::kSuperseded};
  return TakeIn(space, mutation, put);
}

Applier::Effect Applier::TakeIn(Space& space, const Mutation& mutation, const PutDocument& put) {
  const Origin& origin = mutation.origin;
  DocumentHead& head = batch_.documents(space).Edit(KeyOf(mutation));
  const bool update = head.has_content();
  if (!update) head.ordinal = DocumentOrdinal(batch_.EditSpace(space).next_document++);
  head.content = EditionOf(origin);
  head.effective = put.effective;
  head.facets = space.facet_pool.Share({put.access_scope, put.attributes});
  head.deletion.reset();
  PutChunks(space, head, put);
  batch_.PutBody(space, head.ordinal,
                 EncodeBody(origin, put.model, static_cast<uint32_t>(put.chunks.size()), put.sealed));
  return {.outcome = Outcome::kIndexed, .operation = update ? Operation::kUpdate : Operation::kInsert};
}

void Applier::PutChunks(const Space& space, DocumentHead& head, const PutDocument& put) {
  OldChunks old = Index(head.chunks);
  const bool vectors = TakesVectors(space, put);
  std::vector<ChunkRef> chunks;
  chunks.reserve(put.chunks.size());
  for (const PutChunk& from : put.chunks) {
    ChunkRef chunk{.hash = from.hash, .occurrence = from.occurrence};
    if (const auto kept = old.find({from.hash, from.occurrence}); kept != old.end()) {
      chunk = kept->second;
      old.erase(kept);
    } else {
      chunk.ordinal = ChunkOrdinal(batch_.EditSpace(space).next_chunk++);
      batch_.AddChunk(space, chunk.ordinal, {head.ordinal, &from, &put.title});
    }
    if (vectors && !chunk.vector) {
      chunk.vector = true;
      batch_.AddVector(space, chunk.ordinal, {head.ordinal, put.vectors, chunks.size() * put.dimensions});
    }
    batch_.PutChunkRecord(space, chunk.ordinal, head.ordinal, from.record);
    chunks.push_back(chunk);
  }
  // What the new version does not have any more; found by ordinal, since malformed input may repeat an identity.
  std::set<ChunkOrdinal> kept;
  for (const ChunkRef& chunk : chunks) kept.insert(chunk.ordinal);
  for (const ChunkRef& chunk : head.chunks) {
    if (!kept.contains(chunk.ordinal)) batch_.RemoveChunk(space, chunk);
  }
  head.chunks = std::move(chunks);
}

bool Applier::TakesVectors(const Space& space, const PutDocument& put) {
  if (put.vectors == nullptr || put.dimensions == 0 || put.chunks.empty()) return false;
  if (put.vectors->size() != put.chunks.size() * put.dimensions) return false;
  const SpaceRecord& record = batch_.space_record(space);
  if (record.dimensions == 0) {
    SpaceRecord& first = batch_.EditSpace(space);
    first.model = put.model;
    first.dimensions = put.dimensions;
    return true;
  }
  return record.dimensions == put.dimensions && record.model == put.model;
}

Applier::Effect Applier::Do(const Mutation& mutation, const SkipDocument& skip) {
  const Origin& origin = mutation.origin;
  const SourceKey key = KeyOf(mutation);
  bool won = false;
  if (HasContentSince(mutation, EditionOf(origin))) return {.outcome = Outcome::kSuperseded};
  for (const Space* space : state_.SpacesOf(origin.collection)) {
    const DocumentHead* known = batch_.documents(*space).Find(key);
    const bool wins = known == nullptr || SkipWins(*known, EditionOf(origin));
    if (!wins || IsBelowFloor(*space, mutation, known)) continue;
    TakeSkip(batch_.documents(*space).Edit(key), {EditionOf(origin), skip.code, skip.stage});
    won = true;
  }
  if (!won) return {.outcome = Outcome::kSuperseded};
  const bool quarantined = skip.code == Code::kQuarantined;
  return {.outcome = quarantined ? Outcome::kQuarantined : Outcome::kSkipped, .stage = skip.stage, .code = skip.code};
}

void Applier::RemoveContent(const Space& space, const DocumentHead& head) {
  if (!head.has_content()) return;
  for (const ChunkRef& chunk : head.chunks) batch_.RemoveChunk(space, chunk);
  batch_.RemoveBody(space, head.ordinal);
}

void Applier::Delete(const Space& space, const SourceKey& document, const Version& version) {
  DocumentHead& head = batch_.documents(space).Edit(document);
  RemoveContent(space, head);
  TakeDelete(head, {version, now_});
  batch_.PutTombstone(space, document, now_ + options_.tombstone_keep);
}

bool Applier::HasContentSince(const Mutation& mutation, const Edition& edition) {
  for (const Space* space : state_.SpacesOf(mutation.origin.collection)) {
    const DocumentHead* const known = batch_.documents(*space).Find(KeyOf(mutation));
    if (known != nullptr && known->has_content() && known->content >= edition) return true;
  }
  return false;
}

Applier::Effect Applier::Do(const Mutation& mutation, const DeleteDocument&) {
  const SourceKey key = KeyOf(mutation);
  bool won = false;
  Version after = mutation.origin.version;
  ++after.ordinal;
  if (HasContentSince(mutation, {after, {}})) return {.outcome = Outcome::kSuperseded};
  for (const Space* space : state_.SpacesOf(mutation.origin.collection)) {
    const DocumentHead* known = batch_.documents(*space).Find(key);
    if (known != nullptr && !DeleteWins(*known, mutation.origin.version)) continue;
    Delete(*space, key, mutation.origin.version);
    won = true;
  }
  if (!won) return {.outcome = Outcome::kSuperseded};
  return {.outcome = Outcome::kIndexed, .operation = Operation::kDelete};
}

Applier::Effect Applier::Do(const Mutation& mutation, const SetWithheld& change) {
  const Origin& origin = mutation.origin;
  const Hold hold{origin.version, origin.revision.deid_run, change.withheld, change.reason};
  bool won = false;
  for (const Space* space : state_.SpacesOf(origin.collection)) {
    Batch::Documents& documents = batch_.documents(*space);
    const DocumentHead* known = documents.Find(KeyOf(mutation));
    if (known != nullptr && !HoldWins(*known, hold)) continue;
    TakeHold(documents.Edit(KeyOf(mutation)), hold);
    won = true;
  }
  if (!won) return {.outcome = Outcome::kSuperseded};
  return {.outcome = Outcome::kIndexed, .operation = Operation::kAccess};
}

Applier::Effect Applier::Do(const Mutation& mutation, const MarkPresent&) {
  const Origin& origin = mutation.origin;
  const Version& mention = origin.version;  // one of the snapshot's, so that a replay is no mention in the next one
  for (const Space* space : state_.SpacesOf(origin.collection)) {
    Batch::Documents& documents = batch_.documents(*space);
    const DocumentHead* known = documents.Find(KeyOf(mutation));
    if (known == nullptr || known->present < mention) documents.Edit(KeyOf(mutation)).present = mention;
  }
  return {.outcome = Outcome::kControl};
}

// Up to when the sink has taken in all that the source had published by then. Content that a delete outran lies in
// front of the heartbeat that says so, in every hop, however long it takes to be read.
Time Applier::EverythingReadUpTo(SourceNumber source) const {
  Time time = now_;
  for (const Stream stream : options_.content_streams) {
    time = std::min(time, state_.WatermarkOf(source, stream, options_.partitions));
  }
  return time;
}

void Applier::Forget(std::string_view tombstone, SpaceId space, const SourceKey& document) {
  batch_.RemoveTombstone(tombstone);
  const Time deleted_before = EverythingReadUpTo(document.source) - options_.tombstone_keep;
  for (const auto& [id, each] : state_.spaces) {
    if (id.collection == space.collection) ForgetIn(*each, document, deleted_before);
  }
  const auto known = state_.spaces.find(space);
  if (known == state_.spaces.end()) return;
  const DocumentHead* head = batch_.documents(*known->second).Find(document);
  if (head == nullptr || head->deletion == nullptr) return;
  // One that was deleted again meanwhile has another tombstone for that.
  const Time looked_at = head->deletion->at + options_.tombstone_keep;
  const Duration wait = std::max<Duration>(kTombstoneAgain, options_.tombstone_keep / 20);
  if (looked_at <= now_) batch_.PutTombstone(*known->second, document, now_ + wait);
}

void Applier::ForgetIn(const Space& space, const SourceKey& document, Time deleted_before) {
  Batch::Documents& documents = batch_.documents(space);
  const DocumentHead* head = documents.Find(document);
  if (head == nullptr || head->has_content() || head->deletion == nullptr) return;
  if (head->deletion->at > deleted_before) return;
  // What is newer than the delete stays.
  const Version deleted = head->deletion->version;
  DocumentHead& kept = documents.Edit(document);
  kept.deletion.reset();
  if (kept.hold != nullptr && kept.hold->version <= deleted) kept.hold.reset();
  if (kept.present <= deleted) kept.present = {};
}

}  // namespace freshet::store
