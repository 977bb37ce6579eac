#include "common/store/view_impl.h"

#include <algorithm>
#include <shared_mutex>

#include "common/store/view_access.h"

namespace freshet::store {
namespace {

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

// While the served generation lacks content that another one has, time is what was known before that came.
void HoldBack(const State& state, std::map<SourceName, SourceTime>& times) {
  for (const auto& [id, space] : state.spaces) {
    if (space->behind.empty() || !state.IsServed(*space)) continue;
    for (const auto& [document, before] : space->behind) {
      std::map<Stream, Time>& watermarks = times[state.source_names.at(document.source)].watermarks;
      for (size_t i = 0; i < state.content_streams.size(); ++i) {
        const auto known = watermarks.find(state.content_streams[i]);
        if (known != watermarks.end()) known->second = std::min(known->second, before.empty() ? Time() : before[i]);
      }
    }
  }
}

AccessCheck::Point PointOf(const ViewSpace& in, uint64_t commit) { return {commit, in.next_document}; }

}  // namespace

std::map<CollectionName, ViewSpace> SpacesOfView(const State& state, const LexicalReaders& readers, SpaceId instead) {
  const auto named = state.spaces.find(instead);
  const Space* const shown = named == state.spaces.end() ? nullptr : named->second.get();
  std::map<CollectionName, ViewSpace> views;
  for (const auto& [id, space] : state.spaces) {
    const bool is_named = shown != nullptr && shown->id.collection == id.collection;
    if (is_named ? space.get() != shown : !state.IsServed(*space)) continue;
    views[space->record.collection] = {.space = space,
                                       .lexical = readers.at(id),
                                       .vectors = space->vectors,
                                       .lists = space->lists,
                                       .dimensions = space->record.dimensions,
                                       .next_chunk = space->record.next_chunk,
                                       .next_document = space->record.next_document,
                                       .document_count = space->document_count,
                                       .chunk_count = space->chunks.cardinality()};
  }
  return views;
}

ViewImpl::ViewImpl(std::shared_ptr<const Core> core, std::map<CollectionName, ViewSpace> spaces)
    : core_(std::move(core)),
      state_(core_->state),
      database_(core_->database),
      commit_(state_.commit),
      snapshot_(core_->follower == nullptr ? database_->db().GetSnapshot() : nullptr),
      spaces_(std::move(spaces)),
      times_(TimesOf(*core_)) {
  HoldBack(state_, times_);
}

ViewImpl::~ViewImpl() {
  if (snapshot_ != nullptr) database_->db().ReleaseSnapshot(snapshot_);
}

const ViewSpace* ViewImpl::Find(const CollectionName& collection) const {
  const auto found = spaces_.find(collection);
  return found == spaces_.end() ? nullptr : &found->second;
}

std::vector<CollectionName> ViewImpl::Collections() const {
  std::vector<CollectionName> names;
  for (const auto& [name, in] : spaces_) names.push_back(name);
  return names;
}

uint32_t ViewImpl::Generation(const CollectionName& collection) const {
  const ViewSpace* in = Find(collection);
  return in == nullptr ? 0 : in->space->id.generation;
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
  std::map<Code, uint64_t> skipped;
  std::shared_lock lock(state_.mutex);
  for (const auto& [why, count] : in->space->skipped) skipped[why.second] += count;
  return skipped;
}

uint64_t ViewImpl::ChunkCount(const CollectionName& collection) const {
  const ViewSpace* in = Find(collection);
  return in == nullptr ? 0 : in->chunk_count;
}

}  // namespace freshet::store
