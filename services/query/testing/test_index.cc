#include "services/query/testing/test_index.h"

#include <cstdio>
#include <cstdlib>

#include "tests/support/crash_directory.h"

namespace freshet::testing {
namespace {

template <class T>
T OrDie(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "test_index: %s\n", result.status().ToString().c_str());
    std::abort();
  }
  return std::move(result).value();
}

std::vector<Listed> ListedOf(const std::vector<std::string>& names) {
  return ForGood(std::vector<Principal>(names.begin(), names.end()));
}

}  // namespace

TestIndex::TestIndex(TestIndexOptions options) {
  index::IndexOptions index_options;
  index_options.store.path = "/index";
  index_options.store.env = disk_.env();
  index_options.store.open_directory = test::CrashDirectories(disk_);
  index_options.store.partitions = kIndexPartitions;
  index_options.store.access_streams = {kUrgentStream, kGroupStream};
  index_options.store.block_cache_bytes = 1 << 20;
  index_options.store.lexical_buffer_mb = 1;
  index_ = OrDie(index::Index::Open(std::move(index_options), TestKeys()));
  engine = std::make_unique<query::QueryEngine>(
      query::QueryEngineOptions{.tenant = kTestTenant,
                                .sources = std::move(options.sources),
                                .policies = std::move(options.policies),
                                .urgent = kUrgentStream,
                                .groups = kGroupStream,
                                .live = kLiveStream,
                                .backfill = kBackfillStream,
                                .after_wait = options.after_wait,
                                .reranker = std::move(options.reranker)},
      [this] { return index_->store().CurrentView(); }, TestKeys(), std::move(options.embedder), clock);
}

TestIndex::~TestIndex() = default;

template <class Body>
Arrival<Body> TestIndex::Arrive(Envelope<Body> envelope, Stream stream, uint32_t partition) {
  if (envelope.origin.committed == Time{}) envelope.origin.committed = clock.Now();
  return {std::move(envelope), {stream, Partition(partition), Offset(next_offset_[{stream, partition}]++)}};
}

store::Applied TestIndex::Apply(index::SinkInput input) { return OrDie(index_->Apply({&input, 1}, clock.Now())).at(0); }

store::Applied TestIndex::Put(const TestDocument& document) { return Apply(Arrive(EmbeddedOf(document), kLiveStream)); }

store::Applied TestIndex::Skip(const TestDocument& document, Code code) {
  Origin origin = SourceOrigin(document.source, document.collection, document.version);
  origin.document = DocumentId(document.id);
  return Apply(Arrive(Envelope<EmbeddedDocument>{origin, Skipped{code, Step::kDeid}}, kLiveStream));
}

store::Applied TestIndex::Change(UrgentChange change, uint64_t version, std::string_view document,
                                 std::string_view source, std::string_view collection) {
  const Stream stream = std::holds_alternative<GroupChange>(change) ? kGroupStream : kUrgentStream;
  Origin origin = SourceOrigin(source, collection, version);
  origin.document = DocumentId(document);
  return Apply(Arrive(Envelope<UrgentChange>{std::move(origin), std::move(change)}, stream));
}

store::Applied TestIndex::Allow(std::string_view scope, std::vector<std::string> allow, std::vector<std::string> deny) {
  return Change(AccessChange{.scope = ScopeId(scope), .allow = ListedOf(allow), .deny = ListedOf(deny)},
                next_access_++);
}

store::Applied TestIndex::Snapshot(SnapshotEdge::Side side, uint64_t begin) {
  store::Applied applied;
  for (uint32_t i = 0; i < kIndexPartitions; ++i) {
    const Origin origin = SourceOrigin("files", "policies", begin);
    applied = Apply(Arrive(Envelope<EmbeddedDocument>{origin, SnapshotEdge{side, origin.version}}, kBackfillStream, i));
  }
  return applied;
}

void TestIndex::Beat() {
  for (const query::SourceInfo& source : engine->options().sources) {
    BeatOf(source.name.value, {kUrgentStream, kLiveStream, kBackfillStream, kGroupStream});
  }
}

void TestIndex::BeatOf(std::string_view source, std::vector<Stream> streams) {
  const Heartbeat beat{clock.Now()};
  for (const Stream stream : streams) {
    for (uint32_t i = 0; i < kIndexPartitions; ++i) {
      const Origin origin = SourceOrigin(source, "", 0);
      if (stream == kUrgentStream || stream == kGroupStream) {
        Apply(Arrive(Envelope<UrgentChange>{origin, beat}, stream, i));
      } else {
        Apply(Arrive(Envelope<EmbeddedDocument>{origin, beat}, stream, i));
      }
    }
  }
}

void TestIndex::Show() {
  const Status shown = index_->store().Refresh();
  if (!shown.ok()) OrDie(Result<int>(shown));
}

query::Caller TestIndex::CallerOf(std::string_view user, std::vector<std::string> groups) {
  return {.user = std::string(user), .groups = std::move(groups), .tenant = kTestTenant};
}

std::string TestIndex::Found(std::string_view query, std::string_view user, query::Mode mode) const {
  const query::SearchRequest request{.query = std::string(query), .top_k = query::kMaxTopK, .mode = mode};
  const Result<query::SearchResponse> response = engine->Search(CallerOf(user), request, "trace");
  return response.ok() ? NamesOf(*response) : response.status().ToString();
}

std::string NamesOf(const query::SearchResponse& response) {
  std::string names;
  for (const query::SearchHit& hit : response.hits) {
    names += (names.empty() ? "" : " ") + hit.document.value + "@" + std::to_string(hit.version.position);
  }
  return names;
}

}  // namespace freshet::testing
