// The canary through the whole pipeline, every hop a topic (DESIGN §4.1): whatever came after `changes`, on disk, in a
// topic, in an answer, a metric, a log line or a dead letter, is searched for it.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/log/embedded_log.h"
#include "common/model/factory.h"
#include "connectors/log_host.h"
#include "services/query/freshness.h"
#include "services/query/lineage.h"
#include "services/runtime/runtime.h"
#include "tests/privacy/canary.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

const TenantName kTenant("hospital");
const SourceName kSource("ehr");
const CollectionName kNotes("notes");
constexpr uint32_t kPartitions = 2;

class CanaryPipeline : public testing::Test {
 protected:
  CanaryPipeline() : keys_(std::make_shared<const KeyRing>(std::move(*KeyRing::Parse("k1 " + std::string(64, 'a'))))) {
    log_ = std::move(*log::EmbeddedLog::Open({.path = Path("log"), .clock = &clock_}));
    EXPECT_TRUE(log_->CreateTopics(TopicSpecs(kTenant, kPartitions, {})).ok());
    RuntimeOptions options{.tenant = kTenant, .data_dir = Path("data"), .partitions = kPartitions};
    options.plan.fused.clear();
    options.policies[kNotes] = *deid::FindPolicy("safe_harbor");
    std::filesystem::create_directories(options.data_dir);
    embedder_ = *model::MakeEmbedder({.kind = "hashing"});
    tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
    runtime_ = std::move(*Runtime::Make(options, {*log_, keys_, clock_, metrics_, embedder_, tokens_}));
    host_ = std::make_unique<LogConnectorHost>(
        LogConnectorHost::Parts{*log_, *keys_, clock_},
        LogConnectorHost::Options{.names = {.tenant = kTenant, .source = kSource, .collection = kNotes},
                                  .partitions = kPartitions});
  }

  static std::string Path(const std::string& name) { return testing::TempDir() + "/" + name; }

  void Publish(std::vector<ChangeEvent> events) { ASSERT_TRUE(host_->Publish(std::move(events), Lane::kLive).ok()); }
  ChangeEvent Event(const std::string& native, Change change) {
    return {.origin = {.document = DocumentId(native), .version = {1, ++version_}, .committed = clock_.Now()},
            .change = std::move(change)};
  }
  // Works off everything; the clock moves, so that retries, commits and maintenance come due.
  void Drain() {
    for (int idle = 0; idle < 50; clock_.Advance(50ms)) {
      bool worked = false;
      for (const NamedWorker& row : runtime_->workers()) {
        const Result<bool> did = row.worker->Step();
        ASSERT_TRUE(did.ok()) << row.name << " " << did.status().ToString();
        worked |= *did;
      }
      idle = worked ? 0 : idle + 1;
    }
  }

  std::vector<log::Delivered> Everything(Topic topic) {
    std::vector<std::pair<log::TopicPartition, Offset>> starts;
    for (uint32_t i = 0; i < kPartitions; ++i) starts.push_back({{TopicName(kTenant, topic), Partition(i)}, Offset(0)});
    Waker waker;
    auto reader = std::move(*log_->Assign(std::move(starts), &waker));
    std::vector<log::Delivered> all;
    for (auto polled = reader->Poll({}); !polled->records.empty(); polled = reader->Poll({})) {
      all.insert(all.end(), polled->records.begin(), polled->records.end());
    }
    return all;
  }

  void PublishTheCanary();
  void SearchAnswers();
  void SearchTopics();
  // Closes everything first.
  void SearchDisk();

  ManualClock clock_{Time(1'700'000'000s)};
  uint64_t version_ = 0;
  std::shared_ptr<const KeyRing> keys_;
  MetricRegistry metrics_{kTenant};
  std::unique_ptr<log::Log> log_;
  std::shared_ptr<const model::Embedder> embedder_;
  std::shared_ptr<const model::TokenCounter> tokens_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<LogConnectorHost> host_;
};

// What is there beside the canary, and must be found, or the search is worth nothing.
constexpr const char* kControl = "metformin";

// Keys and values of every family; what blocks compress is read as it was written. True where it has the control.
void SearchRocks(const std::string& path, bool& has_control) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path, &names).ok()) << path;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::OpenForReadOnly({}, path, families, &handles, &opened).ok()) << path;
  const std::unique_ptr<rocksdb::DB> database(opened);
  size_t rows = 0;
  for (size_t i = 0; i < handles.size(); ++i) {
    std::unique_ptr<rocksdb::Iterator> row(database->NewIterator({}, handles[i]));
    for (row->SeekToFirst(); row->Valid(); row->Next(), ++rows) {
      const std::string bytes = row->key().ToString() + "\n" + row->value().ToString();
      EXPECT_EQ(LeakIn(bytes), "") << path << " " << names[i];
      has_control |= bytes.find(kControl) != std::string::npos;
    }
    ASSERT_TRUE(database->DestroyColumnFamilyHandle(handles[i]).ok());
  }
  EXPECT_GT(rows, 0u) << path;
}

void SearchFiles(const std::string& root) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::stringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(LeakIn(entry.path().string() + "\n" + bytes.str()), "") << entry.path();
    ++files;
  }
  EXPECT_GT(files, 10u) << root;
}

void CanaryPipeline::PublishTheCanary() {
  const std::string folder = "charts/quillfeather";
  Publish({Event("", Canary()), Event("", AccessChange{.scope = ScopeId(folder), .allow = {Principal("user:ada")}})});
  Drain();
  for (int i = 0; i < 5; ++i) {
    Upsert upsert = CanaryUpsert(i % 2 == 0 ? "text/plain" : "text/markdown");
    upsert.access_scope = ScopeId(folder);
    if (i == 3) upsert.content += '\0';  // becomes a dead letter
    Publish({Event("charts/canaryfile_quillfeather_" + std::to_string(i) + ".txt", upsert)});
  }
  Publish({Event("charts/canaryfile_quillfeather_4.txt", Delete{})});
  ASSERT_TRUE(host_->PublishHeartbeat(clock_.Now(), kLanes).ok());
  Drain();
}

void CanaryPipeline::SearchAnswers() {
  const query::Caller ada{.user = "ada", .tenant = kTenant};
  query::QueryEngineOptions options{.tenant = kTenant,
                                    .sources = {{kSource, kNotes, 24h}},
                                    .urgent = StreamOf(Topic::kChangesUrgent),
                                    .groups = StreamOf(Topic::kGroups),
                                    .live = StreamOf(Topic::kEmbeddedLive),
                                    .backfill = StreamOf(Topic::kEmbeddedBackfill)};
  store::IndexStore& store = runtime_->index()->store();
  const query::QueryEngine engine(
      options, [&] { return store.CurrentView(); }, *keys_, embedder_, clock_);
  std::string said;
  size_t hits = 0;
  for (const query::Mode mode : {query::Mode::kHybrid, query::Mode::kLexical, query::Mode::kVector}) {
    const auto answer = engine.Search(ada, {.query = kControl, .top_k = 50, .mode = mode}, "");
    ASSERT_TRUE(answer.ok());
    hits += answer->hits.size();
    said += query::ToJson(*answer);
    for (const query::SearchHit& hit : answer->hits) {
      const Result<std::string> lineage = query::LineageJson(engine, ada, kNotes, hit.document);
      ASSERT_TRUE(lineage.ok()) << lineage.status().ToString();
      said += *lineage;
    }
  }
  EXPECT_GT(hits, 2u) << "the notes are in, without her";
  said += query::ToJson(query::ReportFreshness({&engine, &metrics_, &store, {}})) + metrics_.Expose();
  EXPECT_EQ(LeakIn(said), "") << said;
}

void CanaryPipeline::SearchTopics() {
  std::set<Topic> with_control;
  for (const TopicRow& row : AllTopics()) {
    for (const log::Delivered& record : Everything(row.topic)) {
      const std::string bytes = record.key + "\n" + record.value.value_or("");
      EXPECT_EQ(LeakIn(bytes), "") << row.suffix;
      if (bytes.find(kControl) != std::string::npos) with_control.insert(row.topic);
    }
  }
  EXPECT_EQ(with_control, (std::set<Topic>{Topic::kCleanLive, Topic::kChunksLive, Topic::kEmbeddedLive}));
  EXPECT_EQ(Everything(Topic::kDeadLetters).size(), 1u);
}

void CanaryPipeline::SearchDisk() {
  ASSERT_TRUE(runtime_->Flush().ok());
  runtime_.reset();
  host_.reset();
  log_.reset();
  for (const char* database : {"log", "data/index/rocksdb", "data/originals"}) {
    bool has_control = false;
    SearchRocks(Path(database), has_control);
    EXPECT_EQ(has_control, database != std::string_view("data/originals")) << database;  // which are sealed
  }
  SearchFiles(testing::TempDir());
}

TEST_F(CanaryPipeline, LeavesNoTraceBehindDeidentification) {
  testing::internal::CaptureStderr();
  PublishTheCanary();
  SearchAnswers();
  SearchTopics();
  SearchDisk();
  const std::string logged = testing::internal::GetCapturedStderr();
  EXPECT_NE(logged.find("binary_content"), std::string::npos) << "the log was listened to";
  EXPECT_EQ(LeakIn(logged), "") << logged;
}

}  // namespace
}  // namespace freshet
