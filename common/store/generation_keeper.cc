#include "common/store/generation_keeper.h"

namespace freshet::store {
namespace {

constexpr size_t kRowsACall = 20'000;  // looked at in search of older ones: some milliseconds

}  // namespace

bool GenerationKeeper::IsKept(SpaceId id) const {
  const auto known = core_.state.generations.find(id.collection);
  if (known == core_.state.generations.end()) return false;
  const auto recipe = known->second.recipes.find(id.generation);
  return recipe != known->second.recipes.end() && recipes_.contains(recipe->second);
}

void GenerationKeeper::Note(const Changes& changes) {
  if (core_.state.generations.empty()) return;
  for (const auto& [id, documents] : changes.documents) {
    for (const auto& [other, space] : core_.state.spaces) {
      if (other.collection != id.collection || other == id || !IsKept(other)) continue;
      for (const auto& [key, head] : documents) targets_[other].changed.insert(key);
    }
  }
}

Result<std::vector<BehindDocument>> GenerationKeeper::Take(size_t limit) {
  std::vector<BehindDocument> taken;
  for (const auto& [id, space] : core_.state.spaces) {
    if (!IsKept(id)) {
      targets_.erase(id);
      continue;
    }
    FRESHET_RETURN_IF_ERROR(TakeChanged(*space, targets_[id], limit, taken));
  }
  for (const auto& [id, space] : core_.state.spaces) {
    const auto target = targets_.find(id);
    if (target != targets_.end()) FRESHET_RETURN_IF_ERROR(TakeOlder(*space, target->second, limit, taken));
  }
  return taken;
}

Status GenerationKeeper::TakeChanged(const Space& space, Target& target, size_t limit,
                                     std::vector<BehindDocument>& taken) {
  while (taken.size() < limit && !target.changed.empty()) {
    FRESHET_RETURN_IF_ERROR(TakeIfBehind(space, *target.changed.begin(), taken));
    target.changed.erase(target.changed.begin());
  }
  return OkStatus();
}

Status GenerationKeeper::TakeOlder(const Space& space, Target& target, size_t limit,
                                   std::vector<BehindDocument>& taken) {
  size_t rows = kRowsACall;
  for (const auto& [id, other] : core_.state.spaces) {
    if (id.collection != space.id.collection || other.get() == &space) continue;
    uint32_t& next = target.next[id.generation];
    for (; next < other->record.next_document && rows > 0 && taken.size() < limit; ++next, --rows) {
      const DocumentRow* const row = other->RowOf(DocumentOrdinal(next));
      if (row != nullptr) FRESHET_RETURN_IF_ERROR(TakeIfBehind(space, row->first, taken));
    }
  }
  return OkStatus();
}

Status GenerationKeeper::TakeIfBehind(const Space& space, const SourceKey& key,
                                      std::vector<BehindDocument>& taken) const {
  const Space* const ahead = core_.state.AheadOf(space, key);
  if (ahead == nullptr) return OkStatus();
  const DocumentOrdinal document = ahead->documents.at(key).ordinal;
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                           core_.database->Get(kDocuments, BodyKey(ahead->id, document)));
  if (!stored) return Status(Code::kCorruptStore, "a document without a body");
  FRESHET_ASSIGN_OR_RETURN(DocumentBody body, DecodeBody(*stored));
  body.origin.generation = space.id.generation;
  const std::string& recipe = core_.state.generations.at(space.id.collection).recipes.at(space.id.generation);
  taken.push_back({std::move(body.origin), std::move(body.sealed), recipe});
  return OkStatus();
}

}  // namespace freshet::store
