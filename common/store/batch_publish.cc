// The half of Batch that changes memory, once RocksDB has the same.
#include <mutex>

#include "common/store/batch.h"
#include "common/store/vector_scan.h"

namespace freshet::store {

void Batch::Publish(State& state) {
  // Vectors first, and without the lock: no view asks for this commit yet.
  PublishVectors(state);
  std::unique_lock lock(state.mutex);
  state.commit = commit_;
  for (auto& [id, record] : records_) state.spaces.at(id)->record = std::move(record);
  PublishChunks(state);
  PublishGroups(state);
  PublishAccess(state);  // before documents: those are taken out of where the lists in force put them
  PublishDocuments(state);
  for (auto& [key, consent] : consents.changes()) state.consents[key] = std::move(consent);
  for (auto& [id, account] : accounts.changes()) state.accounts[id] = std::move(account);
  for (auto& [id, time] : watermarks.changes()) state.watermarks[id] = time;
  for (auto& [id, snapshot] : snapshots.changes()) state.snapshots[id] = std::move(snapshot);
}

void Batch::PublishVectors(State& state) {
  for (const auto& [id, changes] : chunks_) {
    Space& space = *state.spaces.at(id);
    const uint32_t dimensions = space_record(space).dimensions;
    if (space.vectors == nullptr && dimensions > 0) space.vectors = NewVectorScan(dimensions);
    if (space.vectors == nullptr) continue;
    for (const auto& [chunk, added] : changes.vectors) {
      // Of the right length, or the batch had not taken it in.
      (void)space.vectors->Add({.chunk = chunk, .document = added.document, .commit = commit_}, added.half(dimensions));
    }
    for (const ChunkOrdinal chunk : changes.removed) space.vectors->Remove(chunk, commit_);
  }
}

void Batch::PublishChunks(State& state) {
  for (const auto& [id, changes] : chunks_) {
    Space& space = *state.spaces.at(id);
    for (const auto& [chunk, added] : changes.added) space.AddChunk(chunk);
    for (const ChunkOrdinal chunk : changes.removed) space.RemoveChunk(chunk, commit_);
  }
}

void Batch::PublishDocuments(State& state) {
  const Space::ReplaceContext context{.commit = commit_, .scopes = state.scopes};
  for (auto& [id, documents] : documents_) {
    Space& space = *state.spaces.at(id);
    for (auto& [key, head] : documents.changes()) space.Replace(key, std::move(head), context);
  }
}

void Batch::PublishAccess(State& state) {
  for (auto& [key, lists] : scopes.changes()) {
    const ScopeLists* before = FindScope(state.scopes, key);
    for (const auto& [id, space] : state.spaces) space->ScopeChanged(key, before, lists);
    state.scopes[key] = std::move(lists);
  }
}

void Batch::PublishGroups(State& state) {
  for (auto& [key, group] : groups.changes()) {
    GroupMembers& current = state.groups[key];
    for (const std::string& member : current.members) state.graph.Leave(key.id, member);
    for (const std::string& member : group.members) state.graph.Join(key.id, member);
    current = std::move(group);
  }
  if (groups.changes().empty()) return;
  for (const auto& [id, space] : state.spaces) ++space->epoch;
}

}  // namespace freshet::store
