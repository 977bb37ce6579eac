#include "common/store/view_impl.h"

#include <shared_mutex>

#include "common/store/registers.h"
#include "common/store/view_access.h"

namespace freshet::store {
namespace {

Status NotFound() { return Status(Code::kNotFound); }

std::map<SourceName, SourceTime> TimesOf(const Core& core) {
  const State& state = core.state;
  std::map<SourceName, SourceTime> times;
  for (const auto& [source, name] : state.source_names) times[name];
  for (const auto& [id, time] : state.watermarks) {
    SourceTime& of = times[state.source_names.at(id.source)];
    if (of.watermarks.contains(id.stream)) continue;
    of.watermarks[id.stream] = state.WatermarkOf(id.source, id.stream, core.options.partitions);
  }
  for (const auto& [id, snapshot] : state.snapshots) {
    if (snapshot.phase == SnapshotState::Phase::kOpen) times[state.source_names.at(id.source)].snapshot_open = true;
  }
  return times;
}

AccessCheck::Point PointOf(const ViewSpace& in, uint64_t commit) { return {commit, in.next_document}; }

}  // namespace

ViewImpl::ViewImpl(std::shared_ptr<const Core> core, std::map<CollectionName, ViewSpace> spaces)
    : core_(std::move(core)),
      state_(core_->state),
      commit_(state_.commit),
      snapshot_(core_->database->db().GetSnapshot()),
      spaces_(std::move(spaces)),
      times_(TimesOf(*core_)) {}

ViewImpl::~ViewImpl() { core_->database->db().ReleaseSnapshot(snapshot_); }

const ViewSpace* ViewImpl::Find(const CollectionName& collection) const {
  const auto found = spaces_.find(collection);
  return found == spaces_.end() ? nullptr : &found->second;
}

std::vector<CollectionName> ViewImpl::Collections() const {
  std::vector<CollectionName> names;
  for (const auto& [name, in] : spaces_) names.push_back(name);
  return names;
}

std::optional<Filter> ViewImpl::FilterFor(const CollectionName& collection, const Access& access,
                                          const Restriction& restriction) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return std::nullopt;
  std::shared_lock lock(state_.mutex);
  return Filter(AccessCheck(*core_, access).FilterFor(*in->space, PointOf(*in, commit_), restriction));
}

bool ViewImpl::MayRead(const CollectionName& collection, DocumentOrdinal document, const Access& access) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return false;
  std::shared_lock lock(state_.mutex);
  return AccessCheck(*core_, access).MayRead(*in->space, PointOf(*in, commit_), document);
}

std::vector<Hit> ViewImpl::SearchLexical(const CollectionName& collection, std::string_view query, size_t count,
                                         const Filter& filter) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr || filter.bitmap() == nullptr) return {};
  const auto live = [&](ChunkOrdinal chunk, DocumentOrdinal) {
    std::shared_lock lock(state_.mutex);
    return in->space->IsChunkLive(chunk, commit_);
  };
  return in->lexical->Search(query, count, {.documents = filter.bitmap(), .live = live});
}

std::vector<Hit> ViewImpl::SearchVector(const CollectionName& collection, std::span<const float> query, size_t count,
                                        const Filter& filter) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr || filter.bitmap() == nullptr || in->vectors == nullptr) return {};
  if (query.size() != in->vectors->dimensions()) return {};
  const auto rescore = [&](std::span<const ChunkOrdinal> chunks, GiveVector give) { Rescore(*in, chunks, give); };
  return in->vectors->Search(
      {.vector = query, .count = count, .commit = commit_, .documents = filter.bitmap(), .rescore = rescore});
}

void ViewImpl::Rescore(const ViewSpace& in, std::span<const ChunkOrdinal> chunks, GiveVector give) const {
  std::vector<std::string> keys;
  std::vector<rocksdb::Slice> slices;
  keys.reserve(chunks.size());
  for (const ChunkOrdinal chunk : chunks) {
    keys.push_back(ChunkKey(in.space->id, chunk));
    slices.push_back(ToSlice(keys.back()));
  }
  std::vector<rocksdb::PinnableSlice> values(chunks.size());
  std::vector<rocksdb::Status> statuses(chunks.size());
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  core_->database->db().MultiGet(options, core_->database->family(kVectors), slices.size(), slices.data(),
                                 values.data(), statuses.data());
  std::vector<uint16_t> half(in.vectors->dimensions());
  for (size_t i = 0; i < chunks.size(); ++i) {
    if (!statuses[i].ok() || values[i].size() != half.size() * 2) continue;
    for (size_t j = 0; j < half.size(); ++j) {
      half[j] = static_cast<uint16_t>(static_cast<uint8_t>(values[i][2 * j]) |
                                      static_cast<uint8_t>(values[i][2 * j + 1]) << 8);
    }
    give(i, half);
  }
}

Result<std::optional<DocumentBody>> ViewImpl::Body(const Space& space, DocumentOrdinal document) const {
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                           core_->database->Get(kDocuments, BodyKey(space.id, document), snapshot_));
  if (!stored) return std::optional<DocumentBody>();
  FRESHET_ASSIGN_OR_RETURN(DocumentBody body, DecodeBody(*stored));
  return std::optional<DocumentBody>(std::move(body));
}

std::optional<StoredDocument> ViewImpl::Describe(const DocumentHead& head) const {
  const std::optional<DocumentState> state = StateOf(head, core_->options.withhold_outdated);
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
  {
    std::shared_lock lock(state_.mutex);
    const DocumentRow* row = in->space->RowOf(document);
    if (row == nullptr || !in->space->IsVisible(document, commit_)) return NotFound();
    stored = Describe(row->second);
  }
  FRESHET_ASSIGN_OR_RETURN(std::optional<DocumentBody> body, Body(*in->space, document));
  if (!stored || !body) return NotFound();
  stored->origin = std::move(body->origin);
  stored->sealed = std::move(body->sealed);
  stored->model = std::move(body->model);
  stored->chunk_count = body->chunk_count;
  return *std::move(stored);
}

Result<StoredChunk> ViewImpl::Chunk(const CollectionName& collection, ChunkOrdinal chunk) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return NotFound();
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                           core_->database->Get(kChunks, ChunkKey(in->space->id, chunk), snapshot_));
  if (!value) return NotFound();
  ByteReader reader(*value);
  StoredChunk stored;
  if (!reader.Big32(stored.document.value)) return Status(Code::kCorruptStore, "a chunk's record");
  stored.record = reader.rest();
  std::shared_lock lock(state_.mutex);
  if (!in->space->IsVisible(stored.document, commit_)) return NotFound();
  return stored;
}

std::vector<StoredDocument> ViewImpl::Lookup(const CollectionName& collection, const DocumentId& id) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return {};
  struct Found {
    StoredDocument document;
    DocumentOrdinal ordinal;
  };
  std::vector<Found> found;
  {
    std::shared_lock lock(state_.mutex);
    for (const auto& [source, name] : state_.source_names) {
      const auto row = in->space->documents.find({source, id.value});
      if (row == in->space->documents.end()) continue;
      std::optional<StoredDocument> document = Describe(row->second);
      if (!document) continue;
      document->origin = {.source = name, .collection = collection, .document = id, .version = document->newest};
      found.push_back({*std::move(document), row->second.ordinal});
    }
  }
  std::vector<StoredDocument> documents;
  for (Found& each : found) {
    if (each.ordinal != kNoDocument) {
      Result<std::optional<DocumentBody>> body = Body(*in->space, each.ordinal);
      if (!body.ok()) continue;
      if (!body->has_value()) {  // in, but not in this view yet
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

std::map<SourceName, SourceTime> ViewImpl::Times() const {
  std::map<SourceName, SourceTime> times = times_;
  std::shared_lock lock(state_.mutex);
  for (auto& [source, time] : TimesOf(*core_)) {
    for (const Stream stream : core_->options.access_streams) {
      const auto now = time.watermarks.find(stream);
      if (now != time.watermarks.end()) times[source].watermarks[stream] = now->second;
    }
  }
  return times;
}

uint64_t ViewImpl::DocumentCount(const CollectionName& collection) const {
  const ViewSpace* in = Find(collection);
  return in == nullptr ? 0 : in->document_count;
}

std::map<Code, uint64_t> ViewImpl::SkippedDocuments(const CollectionName& collection) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr) return {};
  std::shared_lock lock(state_.mutex);
  return in->space->skipped;
}

uint64_t ViewImpl::ChunkCount(const CollectionName& collection) const {
  const ViewSpace* in = Find(collection);
  return in == nullptr ? 0 : in->chunk_count;
}

}  // namespace freshet::store
