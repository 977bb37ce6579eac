// TestIndex: a real index in memory under a query engine, fed by hand, with a hand-moved clock.
//
//   TestIndex index;
//   index.Allow("open", {"group:everyone"});
//   index.Put({.id = "falls.md", .text = "# Falls\n\nKeep the floor dry.\n"});
//   index.Beat();                                       // every stream vouches for everything up to now
//   index.Show();                                       // content becomes visible
//   EXPECT_EQ(index.Found("floor", "ada"), "falls.md@1");
//
// One thread feeds; any thread asks `engine`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/model/hashing_embedder.h"
#include "services/index/index.h"
#include "services/index/testing/embedded_documents.h"
#include "services/query/query.h"
#include "tests/support/crash_fs.h"

namespace freshet::testing {

inline constexpr Stream kUrgentStream{0};
inline constexpr Stream kLiveStream{1};
inline constexpr Stream kBackfillStream{2};
inline constexpr Stream kGroupStream{3};
inline constexpr uint32_t kIndexPartitions = 2;

inline const TenantName kTestTenant("general-hospital");

struct TestIndexOptions {
  std::vector<query::SourceInfo> sources = {{SourceName("files"), CollectionName("policies")},
                                            {SourceName("ehr"), CollectionName("notes")}};
  std::shared_ptr<const model::Embedder> embedder = std::make_shared<model::HashingEmbedder>();
  std::map<CollectionName, std::string> policies;  // in force
  Duration after_wait = std::chrono::milliseconds(300);
  std::shared_ptr<const query::Reranker> reranker;
};

class TestIndex {
 public:
  explicit TestIndex(TestIndexOptions options = {});
  ~TestIndex();

  // Each is applied at once; content and deletes show as the store says. Versions are of epoch 1.
  store::Applied Put(const TestDocument& document);
  store::Applied Skip(const TestDocument& document, Code code);  // its id, version and source
  store::Applied Change(UrgentChange change, uint64_t version, std::string_view document = "",
                        std::string_view source = "files", std::string_view collection = "policies");
  // Access of a scope of "files", at the next version of its own.
  store::Applied Allow(std::string_view scope, std::vector<std::string> allow, std::vector<std::string> deny = {});
  store::Applied Snapshot(SnapshotEdge::Side side, uint64_t begin);  // of "files", on every partition
  // Every stream and partition of each source vouches for everything up to now.
  void Beat();
  void BeatOf(std::string_view source, std::vector<Stream> streams);
  void Show();

  // "falls.md@1 gowns.md@2": what a search of this mode finds, best first.
  std::string Found(std::string_view query, std::string_view user, query::Mode mode = query::Mode::kHybrid) const;
  static query::Caller CallerOf(std::string_view user, std::vector<std::string> groups = {});

  index::Index& index() { return *index_; }

  ManualClock clock{Time(std::chrono::hours(24 * 365 * 56))};
  std::unique_ptr<query::QueryEngine> engine;

 private:
  store::Applied Apply(index::SinkInput input);
  template <class Body>
  Arrival<Body> Arrive(Envelope<Body> envelope, Stream stream, uint32_t partition = 0);

  test::CrashDisk disk_{1};
  std::unique_ptr<index::Index> index_;
  std::map<std::pair<Stream, uint32_t>, uint64_t> next_offset_;
  uint64_t next_access_ = 1;
};

// "falls.md@1 gowns.md@2" of these hits.
std::string NamesOf(const query::SearchResponse& response);

}  // namespace freshet::testing
