// The half of ViewImpl that reads RocksDB: what hits stand for.
#include <shared_mutex>

#include "common/store/registers.h"
#include "common/store/view_impl.h"

namespace freshet::store {
namespace {

Status NotFound() { return Status(Code::kNotFound); }

}  // namespace

Result<std::optional<DocumentBody>> ViewImpl::Body(const Space& space, DocumentOrdinal document) const {
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                           core_->database->Get(kDocuments, BodyKey(space.id, document), snapshot_));
  if (!stored) return std::optional<DocumentBody>();
  FRESHET_ASSIGN_OR_RETURN(DocumentBody body, DecodeBody(*stored));
  return std::optional<DocumentBody>(std::move(body));
}

std::shared_lock<FairSharedMutex> ViewImpl::LockReads() const {
  return core_->follower == nullptr ? std::shared_lock<FairSharedMutex>() : std::shared_lock(core_->follower->mutex);
}

bool ViewImpl::IsStoredAsShown(const Space& space, DocumentOrdinal document) const {
  if (core_->follower == nullptr) return true;
  const ViewSpace* in = Find(space.record.collection);
  const bool newer = in == nullptr || document.value >= in->next_document;
  return !core_->follower->diverged && !newer && space.PastOf(document, commit_) == nullptr;
}

std::optional<StoredDocument> ViewImpl::Describe(const Space& space, const DocumentHead& head) {
  const std::optional<DocumentState> state = StateOf(head, space.withhold_outdated);
  if (!state) return std::nullopt;
  StoredDocument document{.state = *state, .newest = NewestOf(head)};
  if (head.has_content()) document.ordinal = head.ordinal;
  if (head.skip != nullptr && (!head.has_content() || head.skip->edition > head.content)) {
    document.skip_code = head.skip->code;
    document.skip_stage = head.skip->stage;
  }
  return document;
}

Result<StoredDocument> ViewImpl::Document(const CollectionName& collection, DocumentOrdinal document) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return NotFound();
  std::optional<StoredDocument> stored;
  const auto reads = LockReads();
  {
    std::shared_lock lock(state_.mutex);
    const DocumentRow* row = in->space->RowOf(document);
    if (row == nullptr || !in->space->IsVisible(document, commit_)) return NotFound();
    if (!IsStoredAsShown(*in->space, document)) return NotFound();
    stored = Describe(*in->space, row->second);
  }
  FRESHET_ASSIGN_OR_RETURN(std::optional<DocumentBody> body, Body(*in->space, document));
  if (!stored || !body) return NotFound();
  stored->origin = std::move(body->origin);
  stored->sealed = std::move(body->sealed);
  stored->model = std::move(body->model);
  stored->chunk_count = body->chunk_count;
  return *std::move(stored);
}

Result<std::vector<ChunkOrdinal>> ViewImpl::ChunksOf(const CollectionName& collection, DocumentOrdinal document) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr || document.value >= in->next_document) return NotFound();
  std::shared_lock lock(state_.mutex);
  const DocumentRow* row = in->space->RowOf(document);
  if (row == nullptr || !in->space->IsVisible(document, commit_)) return NotFound();
  if (in->space->PastOf(document, commit_) != nullptr) return NotFound();
  std::vector<ChunkOrdinal> chunks;
  chunks.reserve(row->second.chunks.size());
  for (const ChunkRef& chunk : row->second.chunks) chunks.push_back(chunk.ordinal);
  return chunks;
}

Result<StoredChunk> ViewImpl::Chunk(const CollectionName& collection, ChunkOrdinal chunk) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return NotFound();
  const auto reads = LockReads();
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                           core_->database->Get(kChunks, ChunkKey(in->space->id, chunk), snapshot_));
  if (!value) return NotFound();
  ByteReader reader(*value);
  StoredChunk stored;
  if (!reader.Big32(stored.document.value)) return Status(Code::kCorruptStore, "a chunk's record");
  stored.record = reader.rest();
  std::shared_lock lock(state_.mutex);
  if (!in->space->IsVisible(stored.document, commit_)) return NotFound();
  if (!IsStoredAsShown(*in->space, stored.document)) return NotFound();
  return stored;
}

std::vector<DocumentOrdinal> ViewImpl::Sample(const CollectionName& collection, size_t count) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return {};
  std::shared_lock lock(state_.mutex);
  const Roaring& visible = in->space->visible;
  const uint64_t all = in->next_document == 0 ? 0 : visible.rank(in->next_document - 1);
  std::vector<DocumentOrdinal> sample;
  for (uint64_t i = 0, take = std::min<uint64_t>(count, all); i < take; ++i) {
    uint32_t document = 0;
    if (visible.select(static_cast<uint32_t>(i * all / take), &document)) sample.emplace_back(document);
  }
  return sample;
}

std::vector<StoredDocument> ViewImpl::Lookup(const CollectionName& collection, const DocumentId& id) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return {};
  struct Found {
    StoredDocument document;
    DocumentOrdinal ordinal;
    bool shown = false;
  };
  std::vector<Found> found;
  const auto reads = LockReads();
  {
    std::shared_lock lock(state_.mutex);
    for (const auto& [source, name] : state_.source_names) {
      const auto row = in->space->documents.find({source, id.value});
      if (row == in->space->documents.end()) continue;
      std::optional<StoredDocument> document = Describe(*in->space, row->second);
      if (!document) continue;
      document->origin = {.source = name, .collection = collection, .document = id, .version = document->newest};
      const DocumentOrdinal ordinal = row->second.ordinal;
      found.push_back({*std::move(document), ordinal, IsStoredAsShown(*in->space, ordinal)});
    }
  }
  std::vector<StoredDocument> documents;
  for (Found& each : found) {
    if (each.ordinal != kNoDocument) {
      Result<std::optional<DocumentBody>> body = Body(*in->space, each.ordinal);
      if (!body.ok()) continue;
      if (!body->has_value() || !each.shown) {  // in, but not in this view yet
        each.document.state = DocumentState::kPending;
        each.document.ordinal.reset();
        documents.push_back(std::move(each.document));
        continue;
      }
      each.document.origin = std::move((*body)->origin);
      each.document.sealed = std::move((*body)->sealed);
      each.document.model = std::move((*body)->model);
      each.document.chunk_count = (*body)->chunk_count;
    }
    documents.push_back(std::move(each.document));
  }
  return documents;
}

}  // namespace freshet::store
