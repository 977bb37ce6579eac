#include "common/store/changes.h"

#include <mutex>

#include "common/store/vector_scan.h"

namespace freshet::store {
namespace {

void PublishVectors(const Changes& from, State& state) {
  for (const auto& [id, changes] : from.chunks) {
    Space& space = *state.spaces.at(id);
    const auto record = from.records.find(id);
    const uint32_t dimensions = (record == from.records.end() ? space.record : record->second).dimensions;
    if (space.lists != nullptr || from.lists.contains(id)) continue;
    if (space.vectors == nullptr && dimensions > 0) space.vectors = NewVectorScan(dimensions);
    if (space.vectors == nullptr) continue;
    for (const auto& [chunk, added] : changes.vectors) {
      // Of the right length, or it had not been taken in.
      (void)space.vectors->Add({.chunk = chunk, .document = added.document, .commit = from.commit},
                               added.half(dimensions));
    }
    for (const ChunkOrdinal chunk : changes.removed) space.vectors->Remove(chunk, from.commit);
  }
}

// What is stored of lists has changed, and what is in memory of them with it: before a view asks for this commit.
void PublishEntries(const Changes& from, State& state) {
  VectorListCache& resident = *state.resident_lists;
  for (const auto& [id, changes] : from.lists) {
    const Space& space = *state.spaces.at(id);
    if (changes.any_touched) resident.Forget(id);
    for (const uint32_t list : changes.touched) resident.Drop({id, list}, from.commit);
    for (const auto& [list, count] : changes.entries) resident.Drop({id, list}, from.commit);
    for (const auto& [list, entries] : changes.behind) {
      const uint32_t dimensions = space.lists->dimensions();
      if (!changes.entries.contains(list)) resident.Append({id, list}, from.commit, ListValue(entries, dimensions));
    }
    if (changes.lists == nullptr || space.lists == nullptr) continue;
    for (const auto& [list, centroid] : space.lists->centroids()) {
      if (!changes.lists->Contains(list)) resident.Forget({id, list});
    }
  }
  for (const SpaceId id : from.dropped) resident.Forget(id);
}

void PublishLists(const Changes& from, State& state) {
  for (const auto& [id, changes] : from.lists) {
    if (changes.lists == nullptr) continue;
    Space& space = *state.spaces.at(id);
    space.lists = changes.lists;
    space.vectors.reset();  // older views have it still
  }
}

void PublishChunks(const Changes& from, State& state) {
  for (const auto& [id, changes] : from.chunks) {
    Space& space = *state.spaces.at(id);
    for (const auto& [chunk, added] : changes.added) space.AddChunk(chunk);
    for (const ChunkOrdinal chunk : changes.removed) space.RemoveChunk(chunk, from.commit);
  }
}

void PublishDocuments(Changes& from, State& state) {
  const Space::ReplaceContext context{.commit = from.commit, .scopes = state.scopes};
  for (auto& [id, documents] : from.documents) {
    Space& space = *state.spaces.at(id);
    for (auto& [key, head] : documents) space.Replace(key, std::move(head), context);
  }
}

// After the documents and before the watermarks, which vouch for more.
void PublishBehind(const std::map<SpaceId, std::set<SourceKey>>& changed, State& state) {
  for (const auto& [id, documents] : changed) {
    const auto any = state.spaces.find(id);
    if (any == state.spaces.end() || !state.generations.contains(id.collection)) continue;
    Space& served = *state.spaces.at(state.Served(any->second->record.collection)->id);
    for (const SourceKey& key : documents) {
      if (state.AheadOf(served, key) != nullptr) {
        served.behind.try_emplace(key, state.ContentTimes(key.source));
        ++served.epoch;
      } else if (served.behind.erase(key) > 0) {
        ++served.epoch;
      }
    }
  }
}

std::map<SpaceId, std::set<SourceKey>> KeysOf(const std::map<SpaceId, std::map<SourceKey, DocumentHead>>& documents) {
  std::map<SpaceId, std::set<SourceKey>> keys;
  for (const auto& [id, heads] : documents) {
    for (const auto& [key, head] : heads) keys[id].insert(key);
  }
  return keys;
}

void PublishGenerations(Changes& from, State& state) {
  for (const SpaceId id : from.dropped) {
    const auto space = state.spaces.find(id);
    if (space == state.spaces.end()) continue;
    space->second->Close();
    state.spaces.erase(space);
  }
  for (auto& [collection, generations] : from.generations) {
    GenerationTable& known = state.generations[collection];
    const bool is_switch = known.served != generations.served;
    known = std::move(generations);
    if (is_switch) state.FindBehind(collection);
  }
}

void PublishAccess(Changes& from, State& state) {
  for (auto& [key, lists] : from.scopes) {
    const ScopeLists* before = FindScope(state.scopes, key);
    for (const auto& [id, space] : state.spaces) space->ScopeChanged(key, before, lists);
    state.scopes[key] = std::move(lists);
  }
}

void PublishGroups(Changes& from, State& state) {
  for (auto& [key, group] : from.groups) {
    GroupMembers& current = state.groups[key];
    for (const Entry& member : current.members) state.graph.Leave(key.id, member);
    for (const Entry& member : group.members) state.graph.Join(key.id, member);
    current = std::move(group);
  }
  if (from.groups.empty()) return;
  for (const auto& [id, space] : state.spaces) ++space->epoch;
}

}  // namespace

void Publish(Changes& changes, State& state) {
  const std::map<SpaceId, std::set<SourceKey>> changed =
      state.generations.empty() ? std::map<SpaceId, std::set<SourceKey>>() : KeysOf(changes.documents);
  // Vectors and lists first, and without the lock: no view asks for this commit yet.
  PublishVectors(changes, state);
  PublishEntries(changes, state);
  std::unique_lock lock(state.mutex);
  state.commit = changes.commit;
  for (auto& [id, record] : changes.records) state.spaces.at(id)->record = std::move(record);
  PublishLists(changes, state);
  PublishChunks(changes, state);
  PublishGroups(changes, state);
  PublishAccess(changes, state);  // before documents: those are taken out of where the lists in force put them
  PublishDocuments(changes, state);
  PublishBehind(changed, state);
  PublishGenerations(changes, state);
  for (auto& [key, consent] : changes.consents) state.consents[key] = std::move(consent);
  for (auto& [id, account] : changes.accounts) state.accounts[id] = std::move(account);
  for (auto& [id, time] : changes.watermarks) state.watermarks[id] = time;
  for (auto& [id, snapshot] : changes.snapshots) state.snapshots[id] = std::move(snapshot);
}

}  // namespace freshet::store
