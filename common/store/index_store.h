// IndexStore: one tenant's index on disk. RocksDB is the truth; the lexical index (Lucene++) and the vector lists are
// derived and recover from it. One writer thread applies batches; any thread takes Views to read.
//
//   auto store = IndexStore::Open({.path = dir});
//   Result<std::vector<Applied>> applied = (*store)->Apply(mutations);   // one atomic write: effects, progress,
//   accounts
//   (*store)->Refresh();                                                 // new content becomes visible
//   std::shared_ptr<const View> view = (*store)->CurrentView();
//
// What Apply guarantees (DESIGN §4.2-4.4, §4.6): the newest (version, revision) of content, access and existence wins
// each in its own register, whatever the order and however often delivered; a batch is on disk whole or not at all,
// with the position of its last record; a replayed batch changes nothing. Deletes, withholds and narrowed access show
// at once in every later search; new content shows, whole, after Refresh. Writes are kBuffered: after power loss the
// newest batches may be gone, together with their progress, and the log delivers them again, if retention keeps what
// lies past DurableOffset.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/store/database.h"
#include "common/store/generation_store.h"
#include "common/store/mutation.h"
#include "common/store/view.h"

namespace freshet::store {

// What the lexical index holds of one chunk.
struct LexicalText {
  std::string title;
  std::string section;
  std::string text;
};

// Reads the lexical texts of a document's chunks, in their order, back from what was stored of it: the journal and a
// rebuild of the lexical index need them. `records` are PutChunk::record. Called from the writer thread only.
using LexicalTexts = std::function<Result<std::vector<LexicalText>>(const Origin& origin, const std::string& sealed,
                                                                    std::span<const std::string> records)>;

// A snapshot that would delete more than so many documents, and more than this share of the source, waits for a person.
struct MassDeleteLimits {
  size_t documents = 10;
  double share = 0.10;
};

struct IndexStoreOptions {
  std::string path;
  rocksdb::Env* env = nullptr;  // null: the operating system's
  // Opens the directory of a collection's lexical index; null: Lucene's FSDirectory. A Lucene::DirectoryPtr, as
  // shared_ptr<void> so that Lucene's headers stay in lexical.cc.
  std::function<std::shared_ptr<void>(const std::string& path)> open_directory;
  LexicalTexts lexical_texts;  // needed where the lexical index has to catch up at Open: else configuration
  uint32_t partitions = 8;     // of every topic: a snapshot has ended, a watermark is known, when all have said so
  std::vector<Stream> access_streams;  // urgent and groups: their watermarks bound how stale access may be
  // Live and backfill: a deleted document is remembered until their watermarks are tombstone_keep past its delete too.
  std::vector<Stream> content_streams;
  size_t block_cache_bytes = 256 << 20;
  size_t lexical_buffer_mb = 32;                    // a collection; more is faster bulk loads
  Duration tombstone_keep = std::chrono::days(30);  // longer than any topic's retention
  uint64_t lexical_commit_bytes =
      64 << 20;  // of text between two commits of the lexical index; more is a longer replay
  // Of what tells followers what changed; more lets one fall further behind before it loads everything anew.
  uint64_t trail_bytes = 16 << 20;
  // A collection's vectors are scanned, exactly, up to this many; more are kept in inverted lists on disk.
  size_t scanned_vectors = 50'000;
  size_t list_vectors = 512;  // of one inverted list, at most; fewer is more lists to choose among
  // Where a filter lets through no more vectors than this, they are read one by one and scored, exactly: some 6 us
  // each. Eight times as many where the lists do not fit into memory.
  size_t scored_vectors = 200;
  // Of lists in memory, for all collections together; what is not there is read from disk by each search that wants
  // it. A vector of 384 numbers takes 396 bytes, and an eighth more where its list grows.
  size_t resident_list_bytes = 512 << 20;
  MassDeleteLimits mass_delete;  // of sources that are not in the next
  std::map<SourceName, MassDeleteLimits> mass_delete_of;
  // Told of each commit that reaches the disk, on the writer's thread: "rocksdb" or "lexical", and how long it took.
  std::function<void(std::string_view store, Duration took)> on_commit;
  // Where a document whose newer version was skipped is withheld, not only marked.
  std::set<CollectionName> withhold_outdated;
};

// Stored accounts of one (stream, partition). Always: next - first = absent + sum of the outcomes.
struct Account {
  Offset first;         // where counting began
  Offset next;          // where reading resumes
  uint64_t absent = 0;  // offsets that held no record: what compaction took
  std::map<Outcome, uint64_t> outcomes;
  std::map<std::pair<Step, Code>, uint64_t> skipped;  // kSkipped and kQuarantined by stage and code
};

// Deletes of a source's snapshot that the mass-delete guard holds.
struct HeldDeletes {
  SourceName source;
  CollectionName collection;
  uint64_t documents = 0;
  Version begin;  // of the snapshot: what a confirmation names
};

// A heartbeat that is further ahead of our clock than this counts as now: what nobody can know of yet is not vouched
// for.
inline constexpr Duration kWatermarkAhead = std::chrono::seconds(10);

// A document that is gone though no delete of it ever came: a snapshot that began at `version` did not mention it.
struct GoneDocument {
  DocumentKey document;
  Version version;
};

// A document that is known of, whether or not a version of it is in.
struct KnownDocument {
  SourceName source;
  CollectionName collection;
  DocumentId document;
  Version newest;
  DocumentState state = DocumentState::kSearchable;
  bool lacks_vectors = false;  // some of its chunks are found by their words alone
};

// What can be asked of an index without writing to it. Any thread.
class IndexReader {
 public:
  virtual ~IndexReader() = default;

  // The newest visible state.
  virtual std::shared_ptr<const View> CurrentView() const = 0;

  // From stored progress.
  virtual Offset NextOffset(Stream stream, Partition partition) const = 0;
  virtual std::map<std::pair<Stream, Partition>, Account> Accounts() const = 0;
  virtual std::vector<HeldDeletes> Held() const = 0;
  // Documents whose newest version was skipped, by source and code.
  virtual std::map<SourceName, std::map<Code, uint64_t>> Skipped() const = 0;
  // Every document of every source, in no order, of the generation that is served, until `visit` says false. The writer
  // waits meanwhile: be quick.
  virtual void ForEachDocument(const std::function<bool(const KnownDocument&)>& visit) const = 0;
  // All collections' indexes, served or not. Compares heads: where a collection has several, the writer waits
  // meanwhile.
  virtual std::vector<GenerationInfo> Generations() const = 0;
};

class IndexStore : public IndexReader {
 public:
  // corrupt_store, io_error, configuration (another process has it open).
  static Result<std::unique_ptr<IndexStore>> Open(IndexStoreOptions options);

  // One outcome for each mutation, in order. Only the writer thread. On error nothing took effect.
  virtual Result<std::vector<Applied>> Apply(std::span<const Mutation> mutations, Time now) = 0;

  // Makes everything applied so far visible to later CurrentView calls. Only the writer thread. Cheap where nothing is
  // new.
  virtual Status Refresh() = 0;

  // Syncs RocksDB, commits the lexical index where due, sweeps dead entries and expired tombstones. Only the writer
  // thread.
  virtual Status Maintain(Time now) = 0;

  // Documents that the store found to be gone by itself, and that Told has not taken off the list: whoever keeps
  // anything of them must hear of it. At most `limit`. Stored with the deletes. Only the writer thread, both.
  virtual Result<std::vector<GoneDocument>> Untold(size_t limit) = 0;
  virtual Status Told(std::span<const GoneDocument> documents) = 0;

  // From stored progress: survives power loss, so retention may go up to here. Any thread.
  virtual Offset DurableOffset(Stream stream, Partition partition) const = 0;

  // Only the writer thread.
  virtual GenerationStore& generations() = 0;

  virtual uint64_t BytesOnDisk() const = 0;
};

}  // namespace freshet::store
