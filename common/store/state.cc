#include "common/store/state.h"

#include <algorithm>

#include "common/store/recipe.h"
#include "common/store/registers.h"

namespace freshet::store {

std::vector<Space*> State::SpacesOf(const CollectionName& collection) const {
  std::vector<Space*> found;
  for (const auto& [id, space] : spaces) {
    if (space->record.collection == collection) found.push_back(space.get());
  }
  return found;
}

Space* State::FindSpace(const CollectionName& collection, uint32_t generation) const {
  for (Space* space : SpacesOf(collection)) {
    if (space->id.generation == generation) return space;
  }
  return nullptr;
}

const Space* State::Served(const CollectionName& collection) const {
  const std::vector<Space*> found = SpacesOf(collection);
  if (found.empty()) return nullptr;
  const auto known = generations.find(found.front()->id.collection);
  if (known == generations.end()) return found.front();
  const auto served = spaces.find({known->first, known->second.served});
  return served == spaces.end() ? found.front() : served->second.get();
}

bool State::IsServed(const Space& space) const { return Served(space.record.collection) == &space; }

// Another policy makes its text of the original, and that of a newer edition, which was skipped, has replaced it.
bool State::IsOriginalGone(const Space& space, const Space& ahead, const DocumentHead& head) const {
  if (head.skip == nullptr || head.skip->edition <= head.content) return false;
  const auto table = generations.find(space.id.collection);
  if (table == generations.end()) return false;
  const auto policy_of = [&](const Space& one) {
    const auto recipe = table->second.recipes.find(one.id.generation);
    return recipe == table->second.recipes.end() ? std::string_view() : PolicyOf(recipe->second);
  };
  return !policy_of(space).empty() && !policy_of(ahead).empty() && policy_of(space) != policy_of(ahead);
}

const Space* State::AheadOf(const Space& space, const SourceKey& document) const {
  const Space* ahead = nullptr;
  const DocumentHead* newest = nullptr;
  for (auto it = spaces.lower_bound({space.id.collection, 0});
       it != spaces.end() && it->first.collection == space.id.collection; ++it) {
    const auto row = it->second->documents.find(document);
    if (row == it->second->documents.end() || !row->second.has_content()) continue;
    if (newest != nullptr && row->second.content <= newest->content) continue;
    newest = &row->second;
    ahead = it->second.get();
  }
  if (newest == nullptr || ahead == &space) return nullptr;
  const auto own = space.documents.find(document);
  const bool lacks_all = own == space.documents.end() || !own->second.has_content();
  if (lacks_all && IsOriginalGone(space, *ahead, *newest)) return nullptr;
  if (own == space.documents.end()) return ahead;
  const DocumentHead& head = own->second;
  const bool has = head.has_content() && head.content >= newest->content;
  // A skip of just this edition that the other one does not know: it was tried, and cannot be made.
  const bool is_skipped = head.skip != nullptr && head.skip->edition == newest->content;
  const bool cannot = is_skipped && (newest->skip == nullptr || newest->skip->edition != newest->content);
  return has || cannot ? nullptr : ahead;
}

uint64_t State::CountBehind(const Space& space) const {
  uint64_t behind = 0;
  for (const auto& [id, other] : spaces) {
    if (id.collection != space.id.collection || other.get() == &space) continue;
    for (const auto& [key, head] : other->documents) {
      if (head.has_content() && AheadOf(space, key) == other.get()) ++behind;
    }
  }
  return behind;
}

void State::FindBehind(uint32_t collection) {
  for (const auto& [id, space] : spaces) {
    if (id.collection != collection) continue;
    space->behind.clear();
    ++space->epoch;
    if (!IsServed(*space)) continue;
    for (const auto& [other_id, other] : spaces) {
      if (other_id.collection != collection || other == space) continue;
      for (const auto& [key, head] : other->documents) {
        if (head.has_content() && AheadOf(*space, key) == other.get()) space->behind[key];
      }
    }
  }
}

std::vector<Time> State::ContentTimes(SourceNumber source) const {
  std::vector<Time> times;
  for (const Stream stream : content_streams) times.push_back(WatermarkOf(source, stream, partitions));
  return times;
}

Time State::WatermarkOf(SourceNumber source, Stream stream, uint32_t partitions) const {
  Time oldest = Time::max();
  for (uint32_t partition = 0; partition < partitions; ++partition) {
    const auto found = watermarks.find({source, stream, Partition(partition)});
    if (found == watermarks.end()) return Time();
    oldest = std::min(oldest, found->second);
  }
  return oldest;
}

Offset State::NextOffset(Stream stream, Partition partition) const {
  std::shared_lock lock(mutex);
  const auto account = accounts.find({stream, partition});
  return account == accounts.end() ? Offset() : account->second.next;
}

std::map<PartitionId, Account> State::Accounts() const {
  std::shared_lock lock(mutex);
  return accounts;
}

std::vector<HeldDeletes> State::Held() const {
  std::vector<HeldDeletes> held;
  std::shared_lock lock(mutex);
  for (const auto& [id, snapshot] : snapshots) {
    if (snapshot.phase != SnapshotState::Phase::kHeld) continue;
    held.push_back({source_names.at(id.source), id.collection, snapshot.held, snapshot.begin});
  }
  return held;
}

std::map<SourceName, std::map<Code, uint64_t>> State::Skipped() const {
  std::map<SourceName, std::map<Code, uint64_t>> skipped;
  std::shared_lock lock(mutex);
  for (const auto& [id, space] : spaces) {
    if (!IsServed(*space)) continue;
    for (const auto& [why, count] : space->skipped) skipped[source_names.at(why.first)][why.second] += count;
  }
  return skipped;
}

std::vector<GenerationInfo> State::ListGenerations() const {
  std::vector<GenerationInfo> list;
  std::shared_lock lock(mutex);
  for (const auto& [id, space] : spaces) {
    GenerationInfo info{.collection = space->record.collection,
                        .number = id.generation,
                        .model = space->record.model,
                        .served = IsServed(*space),
                        .documents = space->document_count,
                        .chunks = space->chunks.cardinality(),
                        .behind = CountBehind(*space)};
    if (const auto known = generations.find(id.collection); known != generations.end()) {
      const auto recipe = known->second.recipes.find(id.generation);
      if (recipe != known->second.recipes.end()) info.recipe = recipe->second;
      info.previous = known->second.previous == id.generation;
    }
    list.push_back(std::move(info));
  }
  return list;
}

void State::ForEachDocument(const std::function<bool(const KnownDocument&)>& visit) const {
  std::shared_lock lock(mutex);
  for (const auto& [id, space] : spaces) {
    if (!IsServed(*space)) continue;
    for (const auto& [key, head] : space->documents) {
      const std::optional<DocumentState> known = StateOf(head, space->withhold_outdated);
      if (!known) continue;
      const auto has_none = [](const ChunkRef& chunk) { return !chunk.vector; };
      const bool lacks = std::any_of(head.chunks.begin(), head.chunks.end(), has_none);
      if (!visit({source_names.at(key.source), space->record.collection, DocumentId(key.id), NewestOf(head), *known,
                  lacks})) {
        return;
      }
    }
  }
}

}  // namespace freshet::store
