#include "common/store/keys.h"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>

#include "common/base/bytes.h"
#include "common/store/vector_list.h"

namespace freshet::store {
namespace {

void AppendSpace(std::string& key, SpaceId space) {
  AppendBig32(key, space.collection);
  AppendBig32(key, space.generation);
}

bool ReadSpace(ByteReader& reader, SpaceId& space) {
  return reader.Big32(space.collection) && reader.Big32(space.generation);
}

// What is left of the key is the id, so ids need no end mark.
bool ReadNamed(ByteReader& reader, SourceKey& named) {
  if (!reader.Big32(named.source.value)) return false;
  named.id = std::string(reader.rest());
  return true;
}

// Lists are kept in memory by VectorListCache. What RocksDB has of them beside is little, and of its own, since each
// would drive much else out of a cache that it shared.
constexpr size_t kListsCacheBytes = 8 << 20;
// Vectors are read one here, one there.
constexpr size_t kVectorBlockBytes = 4 << 10;

bool ReadPlace(ByteReader& reader, Position& position) {
  return reader.Byte(position.stream.value) && reader.Big32(position.partition.value) && reader.rest().empty();
}

}  // namespace

std::vector<std::string> FamilyNames() {
  return {"documents",  "chunks",  "access",   "groups",     "vectors",  "postings",
          "tombstones", "journal", "progress", "watermarks", "consents", "meta"};
}

void TuneFamily(const std::string& family, rocksdb::ColumnFamilyOptions& options) {
  const std::vector<std::string> names = FamilyNames();
  if (family != names[kPostings] && family != names[kVectors]) return;
  // Codes and binary16 are as good as random: to compress them costs time and saves nothing.
  options.compression = rocksdb::kNoCompression;
  auto table = *options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  if (family == names[kPostings]) {
    options.merge_operator = AppendingMerge();
    table.block_cache = rocksdb::NewLRUCache(kListsCacheBytes);
  } else {
    table.block_size = kVectorBlockBytes;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
}

std::string SpacePrefix(SpaceId space) {
  std::string key;
  AppendSpace(key, space);
  return key;
}

std::string HeadPrefix(SpaceId space) { return SpacePrefix(space) + 'h'; }

std::string HeadKey(SpaceId space, const SourceKey& document) { return HeadPrefix(space) + NamedKey(document); }

std::string BodyKey(SpaceId space, DocumentOrdinal document) {
  std::string key = SpacePrefix(space) + 'b';
  AppendBig32(key, document.value);
  return key;
}

std::string ChunkKey(SpaceId space, ChunkOrdinal chunk) {
  std::string key = SpacePrefix(space);
  AppendBig32(key, chunk.value);
  return key;
}

std::string CentroidPrefix(SpaceId space) { return SpacePrefix(space) + 'c'; }

std::string CentroidKey(SpaceId space, uint32_t list) {
  std::string key = CentroidPrefix(space);
  AppendBig32(key, list);
  return key;
}

std::string ListKey(SpaceId space, uint32_t list) {
  std::string key = SpacePrefix(space) + 'l';
  AppendBig32(key, list);
  return key;
}

std::string NamedKey(const SourceKey& named) {
  std::string key;
  AppendBig32(key, named.source.value);
  return key + named.id;
}

std::string TombstoneKey(Time expires, SpaceId space, const SourceKey& document) {
  std::string key;
  AppendBig64(key, static_cast<uint64_t>(ToMicros(expires)));
  AppendSpace(key, space);
  return key + NamedKey(document);
}

std::string JournalKey(SpaceId space, uint64_t commit) {
  std::string key = SpacePrefix(space);
  AppendBig64(key, commit);
  return key;
}

std::string TouchedKey(uint64_t commit) { return JournalKey({}, commit); }

std::string ProgressKey(Stream stream, Partition partition) {
  std::string key(1, static_cast<char>(stream.value));
  AppendBig32(key, partition.value);
  return key;
}

std::string WatermarkKey(SourceNumber source, Stream stream, Partition partition) {
  std::string key;
  AppendBig32(key, source.value);
  return key + ProgressKey(stream, partition);
}

std::string CommitKey() { return "c"; }

std::string SourceNameKey(const SourceName& source) { return "s" + source.value; }

std::string SpaceKey(SpaceId space) { return "p" + SpacePrefix(space); }

std::string SnapshotKey(SourceNumber source, const CollectionName& collection) {
  std::string key = "e";
  AppendBig32(key, source.value);
  return key + collection.value;
}

std::string GenerationsKey(uint32_t collection) {
  std::string key = "r";
  AppendBig32(key, collection);
  return key;
}

std::string GonePrefix() { return "g"; }

std::string GoneKey(uint32_t collection, const SourceKey& document) {
  std::string key = GonePrefix();
  AppendBig32(key, collection);
  return key + NamedKey(document);
}

bool ParseHeadKey(std::string_view key, SourceKey& document) {
  ByteReader reader(key);
  SpaceId space;
  uint8_t kind = 0;
  return ReadSpace(reader, space) && reader.Byte(kind) && kind == 'h' && ReadNamed(reader, document);
}

bool ParseChunkKey(std::string_view key, ChunkOrdinal& chunk) {
  ByteReader reader(key);
  SpaceId space;
  return ReadSpace(reader, space) && reader.Big32(chunk.value) && reader.rest().empty();
}

bool ParseCentroidKey(std::string_view key, uint32_t& list) {
  ByteReader reader(key);
  SpaceId space;
  uint8_t kind = 0;
  return ReadSpace(reader, space) && reader.Byte(kind) && kind == 'c' && reader.Big32(list) && reader.rest().empty();
}

bool ParseNamedKey(std::string_view key, SourceKey& named) {
  ByteReader reader(key);
  return ReadNamed(reader, named);
}

bool ParseTombstoneKey(std::string_view key, Time& expires, SpaceId& space, SourceKey& document) {
  ByteReader reader(key);
  uint64_t micros = 0;
  if (!reader.Big64(micros) || !ReadSpace(reader, space)) return false;
  expires = FromMicros(static_cast<int64_t>(micros));
  return ReadNamed(reader, document);
}

bool ParseJournalKey(std::string_view key, uint64_t& commit) {
  ByteReader reader(key);
  SpaceId space;
  return ReadSpace(reader, space) && reader.Big64(commit) && reader.rest().empty();
}

bool ParseProgressKey(std::string_view key, Position& position) {
  ByteReader reader(key);
  return ReadPlace(reader, position);
}

bool ParseWatermarkKey(std::string_view key, SourceNumber& source, Position& position) {
  ByteReader reader(key);
  return reader.Big32(source.value) && ReadPlace(reader, position);
}

bool ParseSpaceKey(std::string_view key, SpaceId& space) {
  ByteReader reader(key);
  uint8_t kind = 0;
  return reader.Byte(kind) && kind == 'p' && ReadSpace(reader, space) && reader.rest().empty();
}

bool ParseGenerationsKey(std::string_view key, uint32_t& collection) {
  ByteReader reader(key);
  uint8_t kind = 0;
  return reader.Byte(kind) && kind == 'r' && reader.Big32(collection) && reader.rest().empty();
}

bool ParseGoneKey(std::string_view key, uint32_t& collection, SourceKey& document) {
  ByteReader reader(key);
  uint8_t kind = 0;
  return reader.Byte(kind) && kind == 'g' && reader.Big32(collection) && ReadNamed(reader, document);
}

bool ParseSnapshotKey(std::string_view key, SourceNumber& source, CollectionName& collection) {
  ByteReader reader(key);
  uint8_t kind = 0;
  if (!reader.Byte(kind) || kind != 'e' || !reader.Big32(source.value)) return false;
  collection = CollectionName(reader.rest());
  return true;
}

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && static_cast<uint8_t>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

}  // namespace freshet::store
