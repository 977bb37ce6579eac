#include "common/store/names.h"

#include <algorithm>
#include <mutex>

#include "common/store/apply.h"

namespace freshet::store {
namespace {

// Nothing where a mutation is of no document and no snapshot.
bool NamesCollection(const Mutation& mutation) {
  return !std::holds_alternative<SetAccess>(mutation.change) && !std::holds_alternative<SetGroup>(mutation.change) &&
         !std::holds_alternative<SetConsent>(mutation.change) &&
         !std::holds_alternative<ConfirmDeletes>(mutation.change) &&
         !std::holds_alternative<AdvanceTime>(mutation.change) && !std::holds_alternative<LoseRecords>(mutation.change);
}

bool IsContent(const Mutation& mutation) {
  return std::holds_alternative<PutDocument>(mutation.change) || std::holds_alternative<SkipDocument>(mutation.change);
}

bool HasSpace(const Mutation& mutation, const State& state) {
  const Origin& origin = mutation.origin;
  if (IsContent(mutation)) return state.FindSpace(origin.collection, origin.generation) != nullptr;
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

// What outlives content.
std::vector<DocumentRow> LastingRegisters(const Space& older) {
  std::vector<DocumentRow> rows;
  for (const auto& [key, head] : older.documents) {
    if (head.deletion == nullptr && head.hold == nullptr) continue;
    DocumentHead lasting;
    lasting.deletion = head.deletion;
    lasting.hold = head.hold;
    rows.emplace_back(key, std::move(lasting));
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

Status RegisterSpace(const Origin& origin, Core& core) {
  State& state = core.state;
  Database& database = *core.database;
  const Space* older = state.Served(origin.collection);
  auto space = std::make_unique<Space>();
  space->id = NewSpaceId(origin, state);
  space->record.collection = origin.collection;
  space->withhold_outdated = core.options.withhold_outdated.contains(space->record.collection);
  rocksdb::WriteBatch batch;
  batch.Put(database.family(kMeta), ToSlice(SpaceKey(space->id)), ToSlice(Encode(space->record)))
      .PermitUncheckedError();
  if (older != nullptr) {
    for (DocumentRow& row : LastingRegisters(*older)) {
      std::string value;
      EncodeHead(row.second, value);
      batch.Put(database.family(kDocuments), ToSlice(HeadKey(space->id, row.first)), ToSlice(value))
          .PermitUncheckedError();
      space->documents.emplace(row.first, std::move(row.second));
    }
  }
  FRESHET_RETURN_IF_ERROR(database.Write(batch, Durability::kBuffered));
  std::unique_lock lock(state.mutex);
  const SpaceId id = space->id;
  state.spaces.emplace(id, std::move(space));
  return OkStatus();
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

}  // namespace freshet::store
