#include "common/store/names.h"

#include <algorithm>
#include <mutex>

#include "common/store/apply.h"
#include "common/store/registers.h"

namespace freshet::store {
namespace {

// Nothing where a mutation is of no document and no snapshot.
bool NamesCollection(const Mutation& mutation) {
  return !std::holds_alternative<SetAccess>(mutation.change) && !std::holds_alternative<SetGroup>(mutation.change) &&
         !std::holds_alternative<SetConsent>(mutation.change) &&
         !std::holds_alternative<ConfirmDeletes>(mutation.change) &&
         !std::holds_alternative<AdvanceTime>(mutation.change) && !std::holds_alternative<LoseRecords>(mutation.change);
}

bool HasSpace(const Mutation& mutation, const State& state) {
  const Origin& origin = mutation.origin;
  if (std::holds_alternative<PutDocument>(mutation.change))
    return state.FindSpace(origin.collection, origin.generation) != nullptr;
  return state.Served(origin.collection) != nullptr;
}

SpaceId NewSpaceId(const Origin& origin, const State& state) {
  uint32_t collection = 1;
  for (const auto& [id, space] : state.spaces) {
    if (space->record.collection == origin.collection) return {id.collection, origin.generation};
    collection = std::max(collection, id.collection + 1);
  }
  return {collection, origin.generation};
}

// What outlives content; of a document without any, all that is known of it.
std::vector<DocumentRow> LastingRegisters(const Space& older) {
  std::vector<DocumentRow> rows;
  for (const auto& [key, head] : older.documents) {
    DocumentHead lasting;
    lasting.deletion = head.deletion;
    lasting.hold = head.hold;
    if (!head.has_content()) {
      lasting.skip = head.skip;
      lasting.present = head.present;
    }
    if (!SaysNothing(lasting)) rows.emplace_back(key, std::move(lasting));
  }
  return rows;
}

Status RegisterSource(const SourceName& name, Core& core) {
  State& state = core.state;
  Database& database = *core.database;
  const SourceNumber number(static_cast<uint32_t>(state.source_numbers.size()) + 1);
  std::string value;
  AppendBig32(value, number.value);
  rocksdb::WriteBatch batch;
  batch.Put(database.family(kMeta), ToSlice(SourceNameKey(name)), ToSlice(value)).PermitUncheckedError();
  FRESHET_RETURN_IF_ERROR(database.Write(batch, Durability::kBuffered));
  std::unique_lock lock(state.mutex);
  state.source_numbers.emplace(name, number);
  state.source_names.emplace(number, name);
  return OkStatus();
}

// With what the generation that is served knows of deletes and withholds, which no snapshot of now may be older than.
Status AddSpace(Core& core, const SpaceRecord& record, SpaceId id, rocksdb::WriteBatch& batch) {
  State& state = core.state;
  Database& database = *core.database;
  const Space* older = state.Served(record.collection);
  auto space = std::make_shared<Space>();
  space->id = id;
  space->record = record;
  space->withhold_outdated = core.options.withhold_outdated.contains(record.collection);
  batch.Put(database.family(kMeta), ToSlice(SpaceKey(id)), ToSlice(Encode(record))).PermitUncheckedError();
  if (older != nullptr) {
    for (DocumentRow& row : LastingRegisters(*older)) {
      std::string value;
      EncodeHead(row.second, value);
      batch.Put(database.family(kDocuments), ToSlice(HeadKey(id, row.first)), ToSlice(value)).PermitUncheckedError();
      space->Replace(row.first, std::move(row.second), {.commit = state.commit, .scopes = state.scopes});
    }
  }
  FRESHET_RETURN_IF_ERROR(database.Write(batch, Durability::kBuffered));
  std::unique_lock lock(state.mutex);
  state.spaces.emplace(id, std::move(space));
  return OkStatus();
}

Status RegisterSpace(const Origin& origin, Core& core) {
  rocksdb::WriteBatch batch;
  return AddSpace(core, {.collection = origin.collection}, NewSpaceId(origin, core.state), batch);
}

}  // namespace

Status RegisterNames(std::span<const Mutation> mutations, Core& core) {
  const State& state = core.state;
  for (const Mutation& mutation : mutations) {
    const Origin& origin = mutation.origin;
    if (!IsWellFormed(mutation)) continue;
    if (!origin.source.empty() && !state.source_numbers.contains(origin.source)) {
      FRESHET_RETURN_IF_ERROR(RegisterSource(origin.source, core));
    }
    if (NamesCollection(mutation) && !HasSpace(mutation, state)) {
      FRESHET_RETURN_IF_ERROR(RegisterSpace(origin, core));
    }
  }
  return OkStatus();
}

Status AddGeneration(Core& core, const CollectionName& collection, const std::string& recipe) {
  const Space* const served = core.state.Served(collection);
  GenerationTable generations = GenerationsOf(core.state, served->id.collection);
  const SpaceId id{served->id.collection, generations.next++};
  generations.recipes[id.generation] = recipe;
  rocksdb::WriteBatch batch;
  batch.Put(core.database->family(kMeta), ToSlice(GenerationsKey(id.collection)), ToSlice(Encode(generations)))
      .PermitUncheckedError();
  FRESHET_RETURN_IF_ERROR(AddSpace(core, {.collection = collection}, id, batch));
  std::unique_lock lock(core.state.mutex);
  core.state.generations[id.collection] = std::move(generations);
  return OkStatus();
}

GenerationTable GenerationsOf(const State& state, uint32_t collection) {
  const auto known = state.generations.find(collection);
  if (known != state.generations.end()) return known->second;
  GenerationTable generations;
  for (const auto& [id, space] : state.spaces) {
    if (id.collection != collection) continue;
    if (generations.served == 0) generations.served = id.generation;
    generations.next = id.generation + 1;
  }
  return generations;
}

}  // namespace freshet::store
