#include "common/store/loader.h"

#include <algorithm>
#include <mutex>

#include "common/store/head_reader.h"
#include "common/store/lexical_feed.h"
#include "common/store/vector_scan.h"

namespace freshet::store {
namespace {

constexpr size_t kReadAhead = 4 << 20;

using Visit = std::function<Status(std::string_view key, std::string_view value)>;

Status Corrupt(const char* what) { return Status(Code::kCorruptStore, what); }

Status LoadMeta(Core& core) {
  State& state = core.state;
  return ForEach(*core.database, kMeta, "", "", [&](std::string_view key, std::string_view value) {
    ByteReader reader(value);
    if (key == CommitKey()) return reader.Big64(state.commit) ? OkStatus() : Corrupt("the commit number");
    if (key.front() == 's') {
      SourceNumber number;
      if (!reader.Big32(number.value)) return Corrupt("the number of a source");
      const SourceName name(key.substr(1));
      state.source_numbers.emplace(name, number);
      state.source_names.emplace(number, name);
    } else if (key.front() == 'p') {
      auto space = std::make_shared<Space>();
      if (!ParseSpaceKey(key, space->id)) return Corrupt("the key of a collection");
      FRESHET_ASSIGN_OR_RETURN(space->record, DecodeSpace(value));
      const SpaceId id = space->id;
      state.spaces.emplace(id, std::move(space));
    } else if (key.front() == 'r') {
      uint32_t collection = 0;
      if (!ParseGenerationsKey(key, collection)) return Corrupt("the key of generations");
      FRESHET_ASSIGN_OR_RETURN(state.generations[collection], DecodeGenerations(value));
    } else if (key.front() == 'e') {
      SnapshotId id;
      if (!ParseSnapshotKey(key, id.source, id.collection)) return Corrupt("the key of a snapshot");
      FRESHET_ASSIGN_OR_RETURN(state.snapshots[id], DecodeSnapshot(value));
    }
    return OkStatus();
  });
}

// A family whose keys are NamedKey.
template <class Decode, class Take>
Status LoadNamed(Database& database, Family family, Decode decode, Take take) {
  return ForEach(database, family, "", "", [&](std::string_view key, std::string_view value) {
    SourceKey named;
    if (!ParseNamedKey(key, named)) return Corrupt("a key of access, groups or consents");
    FRESHET_ASSIGN_OR_RETURN(auto record, decode(value));
    take(named, std::move(record));
    return OkStatus();
  });
}

Status LoadAccess(Core& core) {
  State& state = core.state;
  Database& database = *core.database;
  FRESHET_RETURN_IF_ERROR(LoadNamed(database, kAccess, DecodeScope, [&](const SourceKey& key, ScopeLists lists) {
    state.scopes.emplace(key, std::move(lists));
  }));
  FRESHET_RETURN_IF_ERROR(LoadNamed(database, kGroups, DecodeGroup, [&](const SourceKey& key, GroupMembers group) {
    for (const Entry& member : group.members) state.graph.Join(key.id, member);
    state.groups.emplace(key, std::move(group));
  }));
  return LoadNamed(database, kConsents, DecodeConsent,
                   [&](const SourceKey& key, Consent consent) { state.consents.emplace(key, std::move(consent)); });
}

Status LoadProgress(Core& core) {
  State& state = core.state;
  FRESHET_RETURN_IF_ERROR(ForEach(*core.database, kProgress, "", "", [&](std::string_view key, std::string_view value) {
    Position position;
    if (!ParseProgressKey(key, position)) return Corrupt("a key of progress");
    FRESHET_ASSIGN_OR_RETURN(Account account, DecodeAccount(value));
    state.durable[{position.stream, position.partition}] = account.next;
    state.accounts[{position.stream, position.partition}] = std::move(account);
    return OkStatus();
  }));
  return ForEach(*core.database, kWatermarks, "", "", [&](std::string_view key, std::string_view value) {
    WatermarkId id;
    Position position;
    if (!ParseWatermarkKey(key, id.source, position)) return Corrupt("a key of watermarks");
    id.stream = position.stream;
    id.partition = position.partition;
    FRESHET_ASSIGN_OR_RETURN(state.watermarks[id], DecodeTime(value));
    return OkStatus();
  });
}

// A head and a body each, by an estimate that is often a little low; of all collections together, so that it may be too
// many, and never more than were numbered.
size_t LikelyDocuments(Core& core, const Space& space) {
  uint64_t keys = 0;
  core.database->db().GetIntProperty(core.database->family(kDocuments), rocksdb::DB::Properties::kEstimateNumKeys,
                                     &keys);
  return std::min<uint64_t>(keys / 2 + keys / 16, space.record.next_document);
}

Status LoadHeads(Core& core, Space& space) {
  const Space::ReplaceContext context{.commit = core.state.commit, .scopes = core.state.scopes};
  space.withhold_outdated = core.options.withhold_outdated.contains(space.record.collection);
  // A bucket that is taken costs a look into two rows at least, each somewhere else in memory: rather many buckets.
  space.documents.max_load_factor(0.5F);
  space.documents.reserve(LikelyDocuments(core, space));
  std::vector<uint32_t> chunks;
  HeadReader reader(core, space);
  while (true) {
    FRESHET_ASSIGN_OR_RETURN(HeadReader::Heads heads, reader.Next());
    if (heads.empty()) break;
    for (auto& [document, head] : heads) {
      for (const ChunkRef& chunk : head.chunks) chunks.push_back(chunk.ordinal.value);
      space.Replace(document, std::move(head), context);
    }
  }
  std::sort(chunks.begin(), chunks.end());
  space.chunks.addMany(chunks.size(), chunks.data());
  return OkStatus();
}

Status LoadVectors(Core& core, Space& space) {
  if (space.record.dimensions == 0) return OkStatus();
  if (space.record.lists > 0) {
    FRESHET_ASSIGN_OR_RETURN(space.lists, LoadLists(core, space.id, space.record.dimensions));
    return OkStatus();
  }
  space.vectors = NewVectorScan(space.record.dimensions);
  const ChunksOfDocuments chunks = ChunksWithVectors(space);
  space.vectors->Reserve(chunks.size());
  return ForEachVector(core, space, chunks,
                       [&](ChunkOrdinal chunk, DocumentOrdinal document, std::span<const uint16_t> half) {
                         return space.vectors->Add({chunk, document, core.state.commit}, half);
                       });
}

}  // namespace

ChunksOfDocuments ChunksWithVectors(const Space& space) {
  ChunksOfDocuments chunks;
  for (const auto& [key, head] : space.documents) {
    for (const ChunkRef& chunk : head.chunks) {
      if (chunk.vector) chunks.emplace_back(chunk.ordinal, head.ordinal);
    }
  }
  std::sort(chunks.begin(), chunks.end());
  return chunks;
}

Status ForEachVector(Core& core, const Space& space, const ChunksOfDocuments& chunks, const VisitVector& visit) {
  auto next = chunks.begin();
  std::vector<uint16_t> half(space.record.dimensions);
  const std::string prefix = SpacePrefix(space.id);
  const auto take = [&](std::string_view key, std::string_view value) {
    ChunkOrdinal chunk;
    if (!ParseChunkKey(key, chunk)) return Corrupt("the key of a vector");
    while (next != chunks.end() && next->first < chunk) ++next;
    if (next == chunks.end() || next->first != chunk) return OkStatus();
    if (value.size() != half.size() * 2) return Corrupt("a vector");
    for (size_t i = 0; i < half.size(); ++i) {
      half[i] = static_cast<uint16_t>(static_cast<uint8_t>(value[2 * i]) | static_cast<uint8_t>(value[2 * i + 1]) << 8);
    }
    return visit(chunk, next->second, half);
  };
  return ForEach(*core.database, kVectors, prefix, PrefixEnd(prefix), take);
}

Result<std::shared_ptr<const VectorLists>> LoadLists(Core& core, SpaceId space, uint32_t dimensions) {
  VectorLists::Centroids centroids;
  const std::string prefix = CentroidPrefix(space);
  const auto take = [&](std::string_view key, std::string_view value) {
    uint32_t list = 0;
    if (!ParseCentroidKey(key, list)) return Corrupt("the key of a centroid");
    FRESHET_ASSIGN_OR_RETURN(centroids[list], DecodeCentroid(value, dimensions));
    return OkStatus();
  };
  FRESHET_RETURN_IF_ERROR(ForEach(*core.database, kPostings, prefix, PrefixEnd(prefix), take));
  if (centroids.empty()) return Corrupt("inverted lists without centroids");
  return VectorLists::Make(dimensions, std::move(centroids));
}

Status ForEach(Database& database, Family family, std::string_view begin, std::string_view end, const Visit& visit) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = kReadAhead;
  options.total_order_seek = true;
  const rocksdb::Slice bound = ToSlice(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> rows(database.db().NewIterator(options, database.family(family)));
  for (rows->Seek(ToSlice(begin)); rows->Valid(); rows->Next()) {
    FRESHET_RETURN_IF_ERROR(visit(ToView(rows->key()), ToView(rows->value())));
  }
  return FromRocks(rows->status());
}

Result<std::vector<std::pair<std::string, std::string>>> FirstRows(Database& database, const KeyRange& range,
                                                                   size_t count) {
  std::vector<std::pair<std::string, std::string>> found;
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const rocksdb::Slice bound = ToSlice(range.end);
  options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> rows(database.db().NewIterator(options, database.family(range.family)));
  for (rows->Seek(ToSlice(range.begin)); rows->Valid() && found.size() < count; rows->Next()) {
    found.emplace_back(rows->key().ToString(), rows->value().ToString());
  }
  FRESHET_RETURN_IF_ERROR(FromRocks(rows->status()));
  return found;
}

Result<uint64_t> StoredCommit(Database& database) {
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value, database.Get(kMeta, CommitKey()));
  uint64_t commit = 0;
  if (value && !ByteReader(*value).Big64(commit)) return Corrupt("the commit number");
  return commit;
}

Status LoadNewNames(Core& core) {
  State& state = core.state;
  std::vector<std::pair<SourceName, SourceNumber>> sources;
  std::vector<std::shared_ptr<Space>> spaces;
  const auto take = [&](std::string_view key, std::string_view value) {
    if (key.front() == 's') {
      sources.emplace_back(SourceName(key.substr(1)), SourceNumber());
      if (!ByteReader(value).Big32(sources.back().second.value)) return Corrupt("the number of a source");
    } else if (key.front() == 'p') {
      auto space = std::make_shared<Space>();
      if (!ParseSpaceKey(key, space->id)) return Corrupt("the key of a collection");
      if (state.spaces.contains(space->id)) return OkStatus();
      FRESHET_ASSIGN_OR_RETURN(space->record, DecodeSpace(value));
      spaces.push_back(std::move(space));
    }
    return OkStatus();
  };
  FRESHET_RETURN_IF_ERROR(ForEach(*core.database, kMeta, "", "", take));
  for (const auto& space : spaces) {
    FRESHET_RETURN_IF_ERROR(LoadHeads(core, *space));
    FRESHET_RETURN_IF_ERROR(LoadVectors(core, *space));
  }
  std::unique_lock lock(state.mutex);
  for (const auto& [name, number] : sources) {
    state.source_numbers.emplace(name, number);
    state.source_names.emplace(number, name);
  }
  for (auto& space : spaces) {
    const SpaceId id = space->id;
    state.spaces.emplace(id, std::move(space));
  }
  return OkStatus();
}

Status Load(Core& core) {
  core.state.content_streams = core.options.content_streams;
  core.state.partitions = core.options.partitions;
  core.state.resident_lists = std::make_shared<VectorListCache>(core.options.resident_list_bytes);
  FRESHET_RETURN_IF_ERROR(LoadMeta(core));
  for (const auto& [id, space] : core.state.spaces) LexicalFeed::BeginToOpen(core, id);
  FRESHET_RETURN_IF_ERROR(LoadAccess(core));
  FRESHET_RETURN_IF_ERROR(LoadProgress(core));
  for (const auto& [id, space] : core.state.spaces) {
    FRESHET_RETURN_IF_ERROR(LoadHeads(core, *space));
    FRESHET_RETURN_IF_ERROR(LoadVectors(core, *space));
  }
  for (const auto& [collection, generations] : core.state.generations) core.state.FindBehind(collection);
  return OkStatus();
}

}  // namespace freshet::store
