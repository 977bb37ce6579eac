// The families and keys of a tenant's index in RocksDB, written in this one place. Values are in wire.h's form, each
// described where its record is declared.
//
//   key grammar; numbers are big-endian, their bytes in brackets; space := collection(4) generation(4)
//
//   documents   space 'b' document(4)              -> body: origin, model, the sealed document      (document_record.h)
//               space 'h' source(4) id             -> head: registers, chunk list, facets           (document_record.h)
//   chunks      space chunk(4)                     -> document(4) the chunk's opaque record
//   vectors     space chunk(4)                     -> binary16, little-endian
//   postings    space 'c' list(4)              -> centroid of an inverted list of vectors         (vector_list.h)
//               space 'l' list(4)              -> its entries, appended by merges                 (vector_list.h)
//   access      source(4) scope                    -> access lists                                  (access_record.h)
//   groups      source(4) group                    -> version, members                              (access_record.h)
//   consents    source(4) patient                  -> version, scope                                (access_record.h)
//   tombstones  time(8) space source(4) id         -> nothing: when a deleted document is forgotten
//   journal     space commit(8)                    -> what the lexical index adds and removes       (journal.h)
//               0(8) commit(8)                     -> which records a commit changed, for followers (touched.h)
//   progress    stream(1) partition(4)             -> account                                       (progress_record.h)
//   watermarks  source(4) stream(1) partition(4)   -> time(8)                                       (progress_record.h)
//   meta        'c'                                -> commit(8), the number of the newest batch
//               's' name                           -> source(4)
//               'p' space                          -> name, next ordinals, model                    (space.h)
//               'e' source(4) name of a collection -> snapshot                                      (progress_record.h)
//               'g' collection(4) source(4) id     -> version(24): gone by a snapshot's word, nobody told yet
//               'r' collection(4)                  -> which generation is served, what makes each (generations.h)
//
// Collections and sources get small numbers when first met, so that keys stay short. A collection's keys of one family
// lie together, and so do those of one of its generations: either can be removed whole.
#pragma once

#include <rocksdb/options.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/origin.h"

namespace freshet::store {

enum Family : size_t {
  kDocuments,
  kChunks,
  kAccess,
  kGroups,
  kVectors,
  kPostings,
  kTombstones,
  kJournal,
  kProgress,
  kWatermarks,
  kConsents,
  kMeta,
};
std::vector<std::string> FamilyNames();
// What a family needs beyond the common options (DatabaseOptions::tune).
void TuneFamily(const std::string& family, rocksdb::ColumnFamilyOptions& options);

using SourceNumber = StrongNumber<struct SourceNumberTag, uint32_t>;

struct SpaceId {
  uint32_t collection = 0;
  uint32_t generation = 0;
  auto operator<=>(const SpaceId&) const = default;
};

// Something that a source names: a document, a scope, a group, a patient.
struct SourceKey {
  SourceNumber source;
  std::string id;
  auto operator<=>(const SourceKey&) const = default;
};

std::string SpacePrefix(SpaceId space);
std::string HeadPrefix(SpaceId space);
std::string HeadKey(SpaceId space, const SourceKey& document);
std::string BodyKey(SpaceId space, DocumentOrdinal document);
std::string ChunkKey(SpaceId space, ChunkOrdinal chunk);  // in chunks and in vectors
std::string CentroidPrefix(SpaceId space);
std::string CentroidKey(SpaceId space, uint32_t list);
std::string ListKey(SpaceId space, uint32_t list);
std::string NamedKey(const SourceKey& named);  // in access, groups and consents
std::string TombstoneKey(Time expires, SpaceId space, const SourceKey& document);
std::string JournalKey(SpaceId space, uint64_t commit);
std::string TouchedKey(uint64_t commit);  // a journal key of no space: those count from 1
std::string ProgressKey(Stream stream, Partition partition);
std::string WatermarkKey(SourceNumber source, Stream stream, Partition partition);
std::string CommitKey();
std::string SourceNameKey(const SourceName& source);
std::string SpaceKey(SpaceId space);
std::string SnapshotKey(SourceNumber source, const CollectionName& collection);
std::string GonePrefix();
std::string GenerationsKey(uint32_t collection);
std::string GoneKey(uint32_t collection, const SourceKey& document);

// The inverse of the above, for keys of the right form; false else.
bool ParseHeadKey(std::string_view key, SourceKey& document);
bool ParseChunkKey(std::string_view key, ChunkOrdinal& chunk);
bool ParseCentroidKey(std::string_view key, uint32_t& list);
bool ParseNamedKey(std::string_view key, SourceKey& named);
bool ParseTombstoneKey(std::string_view key, Time& expires, SpaceId& space, SourceKey& document);
bool ParseJournalKey(std::string_view key, uint64_t& commit);
bool ParseProgressKey(std::string_view key, Position& position);  // position.offset stays as it is
bool ParseWatermarkKey(std::string_view key, SourceNumber& source, Position& position);
bool ParseSpaceKey(std::string_view key, SpaceId& space);
bool ParseSnapshotKey(std::string_view key, SourceNumber& source, CollectionName& collection);
bool ParseGenerationsKey(std::string_view key, uint32_t& collection);
bool ParseGoneKey(std::string_view key, uint32_t& collection, SourceKey& document);

// The smallest key that no key with this prefix is at or above; the prefix must not be all 0xFF.
std::string PrefixEnd(std::string prefix);

}  // namespace freshet::store

template <>
struct std::hash<freshet::store::SourceKey> {
  size_t operator()(const freshet::store::SourceKey& key) const {
    return std::hash<std::string>()(key.id) * 31 + key.source.value;
  }
};
