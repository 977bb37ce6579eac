// What becomes of deleted documents: tombstones that are old enough go, and others are told of documents that a
// snapshot did not mention.
#include "common/store/index_store_impl.h"
#include "common/store/loader.h"

namespace freshet::store {
namespace {

constexpr size_t kForgottenPerCall = 10'000;

}  // namespace

Status IndexStoreImpl::CollectGarbage(Time now) {
  Batch batch(core_->state, *core_->database);
  Applier applier(core_->state, core_->options, now, batch);
  const KeyRange expired{.family = kTombstones, .begin = "", .end = TombstoneKey(now, {}, {})};
  FRESHET_ASSIGN_OR_RETURN(const auto rows, FirstRows(*core_->database, expired, kForgottenPerCall));
  for (const auto& [key, value] : rows) {
    Time expires;
    SpaceId id;
    SourceKey document;
    if (!ParseTombstoneKey(key, expires, id, document)) return Status(Code::kCorruptStore, "a tombstone's key");
    applier.Forget(key, id, document);
  }
  applier.RunSnapshotDeletes();
  return Write(batch);
}

Result<std::vector<GoneDocument>> IndexStoreImpl::Untold(size_t limit) {
  const State& state = core_->state;
  std::map<uint32_t, CollectionName> collections;
  for (const auto& [id, space] : state.spaces) collections[id.collection] = space->record.collection;
  const KeyRange gone{.family = kMeta, .begin = GonePrefix(), .end = PrefixEnd(GonePrefix())};
  FRESHET_ASSIGN_OR_RETURN(const auto rows, FirstRows(*core_->database, gone, limit));
  std::vector<GoneDocument> documents;
  for (const auto& [key, value] : rows) {
    uint32_t collection = 0;
    SourceKey named;
    GoneDocument document;
    if (!ParseGoneKey(key, collection, named) || !ByteReader(value).ReadVersion(document.version)) {
      return Status(Code::kCorruptStore, "a document that is gone");
    }
    document.document = {state.source_names.at(named.source), collections.at(collection), DocumentId(named.id)};
    documents.push_back(std::move(document));
  }
  return documents;
}

Status IndexStoreImpl::Told(std::span<const GoneDocument> documents) {
  const State& state = core_->state;
  Batch batch(state, *core_->database);
  for (const GoneDocument& gone : documents) {
    const SourceKey document{state.source_numbers.at(gone.document.source), gone.document.document.value};
    for (const Space* space : state.SpacesOf(gone.document.collection)) batch.RemoveGone(*space, document);
  }
  return Write(batch);
}

}  // namespace freshet::store
