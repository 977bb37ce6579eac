// View: the index of a tenant as of one commit, for reading: searches under a filter, and what hits stand for.
//
//   std::shared_ptr<const View> view = store.CurrentView();
//   Filter filter = *view->FilterFor(policies, {.principals = {Principal("user:ada")}, ...});
//   std::vector<Hit> hits = view->SearchLexical(policies, "contact precautions", 50, filter);
//   Result<StoredDocument> document = view->Document(policies, hits[0].document);
//
// A document's version is in a view whole or not at all, and no view holds two of them. The filter is exact and applied
// inside both searches. Access, deletes and withholds are those of *now*, not of the view: FilterFor reads the latest,
// and MayRead asks again when a hit becomes text. Immutable, any thread, cheap to hold for the time of a query; a view
// held for long keeps dead entries from being swept.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/base/origin.h"
#include "common/base/status.h"

namespace freshet::store {

struct Hit {
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  float score = 0;  // BM25, or cosine
};

// Who asks. Groups are the caller's own (from its token); the store adds those that nest around them.
struct Access {
  std::set<Principal> principals;  // "user:ada", "group:nurses"; "group:everyone" is added
  // Sources whose access stream is older than this are not shown at all (DESIGN §4.5); by source, default for the rest.
  std::map<SourceName, Duration> max_staleness;
  Duration default_max_staleness = std::chrono::minutes(5);
  Time now;
};

// Restrictions beside access: all must hold; values of one attribute are alternatives.
struct Restriction {
  std::map<std::string, std::vector<std::string>> attributes;
  std::optional<Time> effective_from;
  std::optional<Time> effective_to;
};

// The documents of one collection that a caller may see and a query asks for: opaque here, made by FilterFor.
class Filter {
 public:
  struct Bitmap;
  uint64_t count() const;  // documents let through
  const Bitmap* bitmap() const { return bitmap_.get(); }
  explicit Filter(std::shared_ptr<const Bitmap> bitmap) : bitmap_(std::move(bitmap)) {}

 private:
  std::shared_ptr<const Bitmap> bitmap_;
};

enum class DocumentState : uint8_t {
  kSearchable,
  kOutdated,  // searchable, but a newer version was skipped
  kWithheld,
  kDeleted,
  kSkipped,  // no version of it ever got in
  kPending,  // its newest content is in, and not in this view yet
};

struct StoredDocument {
  Origin origin;       // of the version that is in, with all stamps
  std::string sealed;  // opaque: PutDocument::sealed
  std::string model;
  DocumentState state = DocumentState::kSearchable;
  Version newest;              // the newest version known of, also if skipped
  Code skip_code = Code::kOk;  // of the newest version, where that was skipped
  Step skip_stage = Step::kDeid;
  uint32_t chunk_count = 0;
  std::optional<DocumentOrdinal> ordinal;  // nothing where no version of it is in
};

struct StoredChunk {
  std::string record;  // opaque: PutChunk::record
  DocumentOrdinal document;
};

// What is known of a source's time: the oldest heartbeat over the partitions of each stream that it vouches for.
struct SourceTime {
  std::map<Stream, Time> watermarks;
  bool snapshot_open = false;  // a snapshot may still add documents nobody has seen
};

class View {
 public:
  virtual ~View() = default;

  virtual uint64_t commit() const = 0;  // grows with every Apply that is visible
  virtual std::vector<CollectionName> Collections() const = 0;
  // Of the index that is searched; 0 for a collection that the store does not know.
  virtual uint32_t Generation(const CollectionName& collection) const = 0;

  // Nothing for a collection that the store does not know.
  virtual std::optional<Filter> FilterFor(const CollectionName& collection, const Access& access,
                                          const Restriction& restriction) const = 0;

  // The best `count` live chunks by BM25 (lexical_search.h) over text, title and section.
  virtual std::vector<Hit> SearchLexical(const CollectionName& collection, std::string_view query, size_t count,
                                         const Filter& filter) const = 0;
  // The best `count` live chunks by cosine; `query` is of unit length and of the collection's dimensions, else no hits.
  // What made the collection's vectors; empty where there are none yet. Those of another model mean nothing to them.
  virtual std::string VectorModel(const CollectionName& collection) const = 0;
  virtual std::vector<Hit> SearchVector(const CollectionName& collection, std::span<const float> query, size_t count,
                                        const Filter& filter) const = 0;

  // not_found where the view has no such document, or it has been deleted or withheld since.
  virtual Result<StoredDocument> Document(const CollectionName& collection, DocumentOrdinal document) const = 0;
  // A document's chunks, in its order. not_found as above, and where its content has changed since.
  virtual Result<std::vector<ChunkOrdinal>> ChunksOf(const CollectionName& collection,
                                                     DocumentOrdinal document) const = 0;
  virtual Result<StoredChunk> Chunk(const CollectionName& collection, ChunkOrdinal chunk) const = 0;
  // Also deleted, withheld and skipped ones, for lineage: any source's document of this id.
  virtual std::vector<StoredDocument> Lookup(const CollectionName& collection, const DocumentId& id) const = 0;
  // Up to so many of the documents that are visible now, evenly spread over all: whatever their access, for operators'
  // tools, which must not show them.
  virtual std::vector<DocumentOrdinal> Sample(const CollectionName& collection, size_t count) const = 0;
  virtual bool MayRead(const CollectionName& collection, DocumentOrdinal document, const Access& access) const = 0;

  // As of this view, but for urgent streams, whose effects show at once: theirs is of now.
  virtual std::map<SourceName, SourceTime> Times() const = 0;
  // Documents whose newest version was skipped, by code: what answers from this collection may lack.
  virtual std::map<Code, uint64_t> SkippedDocuments(const CollectionName& collection) const = 0;
  // Documents with a version that is in.
  virtual uint64_t DocumentCount(const CollectionName& collection) const = 0;
  virtual uint64_t ChunkCount(const CollectionName& collection) const = 0;
};

}  // namespace freshet::store
