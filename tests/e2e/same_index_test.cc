// One history through three pipelines: all in memory behind the embedded log, all in memory behind Kafka, every hop a
// topic of Kafka. What the index holds at the end is the same, record for record, but for stamps (DESIGN §6, §7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <thread>

#include "common/log/embedded_log.h"
#include "common/log/kafka/kafka_log.h"
#include "common/model/factory.h"
#include "common/store/dump.h"
#include "connectors/log_host.h"
#include "services/runtime/runtime.h"
#include "tests/support/shared_kafka.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

const TenantName kTenant("t");
const SourceName kSource("ehr");
constexpr uint32_t kPartitions = 3;
constexpr int kChanges = 400;
constexpr int kDocuments = 60;
constexpr auto kPatience = 120s;

struct Published {
  ChangeEvent event;
  Lane lane = Lane::kLive;
};

// Notes, some about a patient of the roster, that come, change and go; lists of three scopes; groups; the same change
// twice; versions that arrive late; at the end a snapshot that misses a few.
class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {
    Add(IdentityChange{
        .patient = PatientId("p1"), .identity = "i1", .names = {{.given = {"Zebulon"}, .family = "Quillfeather"}}});
    for (int i = 0; i < kChanges; ++i) Step();
    Snapshot();
  }
  const std::vector<Published>& all() const { return all_; }

 private:
  static std::string Name(int i) { return "note" + std::to_string(i); }
  int Random(int below) { return static_cast<int>(random_() % static_cast<uint64_t>(below)); }

  Published Make(Change change, const std::string& document, Lane lane) {
    const Time at{1'700'000'000s + std::chrono::seconds(++position_)};
    return {{.origin = {.document = DocumentId(document), .version = {1, position_}, .committed = at},
             .change = std::move(change)},
            lane};
  }
  void Add(Change change, const std::string& document = "", Lane lane = Lane::kLive) {
    all_.push_back(Make(std::move(change), document, lane));
  }

  Upsert Note() {
    static constexpr const char* kSaid[] = {"No fever today. ",
                                            "Zebulon Quillfeather slept well. ",
                                            "Call 617-555-0147 for results. ",
                                            "Metformin 500 mg twice a day. ",
                                            "# Plan\n\n",
                                            "- rest\n- fluids\n\n",
                                            "Seen on 2024-03-05. "};
    Upsert upsert{.media_type = "text/markdown",
                  .attributes = {{"ward", {std::to_string(Random(4))}}},
                  .access_scope = ScopeId("ward" + std::to_string(Random(3)))};
    for (int i = Random(40); i >= 0; --i) upsert.content += kSaid[Random(std::size(kSaid))];
    if (Random(20) == 0) upsert.content += '\0';  // is skipped
    if (Random(2) == 0) upsert.patients = {PatientId("p1")};
    return upsert;
  }

  void Step() {
    const std::string name = Name(Random(kDocuments));
    const int what = Random(100);
    if (what < 70) {
      Add(Note(), name, what < 25 ? Lane::kBackfill : Lane::kLive);
    } else if (what < 80) {
      Add(Delete{}, name);
    } else if (what < 88) {
      AccessChange list{.scope = ScopeId("ward" + std::to_string(Random(3))), .allow = {Principal("group:nurses")}};
      if (Random(2) == 0) list.deny = {Principal("user:bob")};
      Add(std::move(list));
    } else if (what < 92) {
      Add(GroupChange{Principal("group:nurses"), {Principal("user:n" + std::to_string(Random(9)))}});
    } else if (what < 96) {
      all_.push_back(all_[static_cast<size_t>(Random(static_cast<int>(all_.size())))]);  // once more, late
    } else {
      std::swap(all_[all_.size() - 1], all_[all_.size() - 2]);
    }
  }

  void Snapshot() {
    const Version begin{1, ++position_};
    Add(SnapshotEdge{.side = SnapshotEdge::Side::kBegin, .begin_version = begin}, "", Lane::kBackfill);
    for (int i = 4; i < kDocuments; ++i) Add(Note(), Name(i), Lane::kBackfill);
    Add(SnapshotEdge{.side = SnapshotEdge::Side::kEnd, .begin_version = begin}, "", Lane::kBackfill);
  }

  std::mt19937_64 random_;
  uint64_t position_ = 0;
  std::vector<Published> all_;
};

// Lines that only one of them has; empty: they hold the same.
std::string Difference(const store::IndexDump& a, const store::IndexDump& b) {
  std::vector<std::string> lines;
  std::ranges::set_symmetric_difference(a.lines, b.lines, std::back_inserter(lines));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

struct Way {
  std::string name;
  log::Log& log;
  PipelinePlan plan;
};

class SameIndexTest : public testing::Test {
 protected:
  // What the index holds after the history went through this pipeline.
  store::IndexDump Through(const Way& way) {
    const TenantName tenant("t-" + way.name);
    EXPECT_TRUE(way.log.CreateTopics(TopicSpecs(tenant, kPartitions, {})).ok());
    Copy(way.log, tenant);
    RuntimeOptions options{
        .tenant = tenant, .data_dir = testing::TempDir() + "/" + way.name, .partitions = kPartitions, .plan = way.plan};
    for (const char* policy : {"safe_harbor", "none"}) {
      options.policies[CollectionName(policy)] = *deid::FindPolicy(policy);
    }
    std::filesystem::create_directories(options.data_dir);
    const std::string index = options.data_dir + "/index";
    Run(std::move(options), way.log);
    auto dump = store::DumpIndex(index, {});
    EXPECT_TRUE(dump.ok()) << dump.status().ToString();
    return dump.ok() ? *dump : store::IndexDump{};
  }

  // As connectors do, once: what is copied from here to each pipeline is the same to the byte.
  void Publish(const History& history) {
    ASSERT_TRUE(published_->CreateTopics(TopicSpecs(kTenant, kPartitions, {})).ok());
    for (const char* collection : {"safe_harbor", "none"}) {
      NativeNames::Options names{.tenant = kTenant, .source = kSource, .collection = CollectionName(collection)};
      names.opaque = false;
      LogConnectorHost host({*published_, *keys_, clock_}, {.names = names, .partitions = kPartitions});
      for (const Published& row : history.all()) ASSERT_TRUE(host.Publish({row.event}, row.lane).ok());
      ASSERT_TRUE(host.PublishHeartbeat(clock_.Now(), kLanes).ok());
    }
  }

  void Copy(log::Log& to, const TenantName& tenant) {
    for (const TopicRow& row : AllTopics()) {
      std::vector<std::pair<log::TopicPartition, Offset>> starts;
      for (uint32_t i = 0; i < kPartitions; ++i) {
        starts.push_back({{TopicName(kTenant, row.topic), Partition(i)}, Offset(0)});
      }
      Waker waker;
      const auto reader = std::move(*published_->Assign(std::move(starts), &waker));
      for (auto polled = reader->Poll({}); !polled->records.empty(); polled = reader->Poll({})) {
        std::vector<log::NewRecord> records;
        for (log::Delivered& record : polled->records) {
          records.push_back({TopicName(tenant, row.topic), record.partition, record.key, record.value});
        }
        ASSERT_TRUE(to.Append(records).ok());
      }
    }
  }

  void Run(RuntimeOptions options, log::Log& log) {
    auto runtime = Runtime::Make(std::move(options), {log, keys_, clock_, metrics_, embedder_, tokens_});
    ASSERT_TRUE(runtime.ok()) << runtime.status().ToString();
    std::atomic<bool> halted = false;
    std::vector<std::unique_ptr<WorkerThread>> threads;
    for (const NamedWorker& row : (*runtime)->workers()) {
      threads.push_back(std::make_unique<WorkerThread>(*row.worker, row.name, [&](const auto& name, const Status& why) {
        ADD_FAILURE() << name << " halted: " << why.ToString();
        halted = true;
      }));
    }
    const auto end = std::chrono::steady_clock::now() + kPatience;
    const auto backlog = [&] {
      uint64_t sum = 0;
      const auto by_lane = (*runtime)->Backlog();
      EXPECT_TRUE(by_lane.ok()) << by_lane.status().ToString();
      for (const auto& [lane, count] : *by_lane) sum += count;
      return sum;
    };
    while (backlog() > 0 && !halted && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(20ms);
    EXPECT_EQ(backlog(), 0u);
    threads.clear();
    EXPECT_TRUE((*runtime)->Flush().ok());
  }

  SystemClock clock_;
  std::unique_ptr<log::Log> published_ =
      std::move(*log::EmbeddedLog::Open({.path = testing::TempDir() + "/published", .clock = &clock_}));
  MetricRegistry metrics_{TenantName("t")};
  std::shared_ptr<const KeyRing> keys_ =
      std::make_shared<const KeyRing>(std::move(*KeyRing::Parse("k1 " + std::string(64, 'a'))));
  std::shared_ptr<const model::Embedder> embedder_ = *model::MakeEmbedder({.kind = "hashing"});
  std::shared_ptr<const model::TokenCounter> tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
};

TEST_F(SameIndexTest, WhateverTheLogAndTheHops) {
  const char* const given = getenv("FRESHET_SEED");
  const uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
  SCOPED_TRACE("FRESHET_SEED=" + std::to_string(seed));
  Publish(History(seed));
  const auto embedded = std::move(*log::EmbeddedLog::Open({.path = testing::TempDir() + "/log", .clock = &clock_}));
  PipelinePlan durable;
  durable.fused.clear();
  const store::IndexDump reference = Through({"embedded", *embedded, {}});
  EXPECT_GT(reference.documents, 50u);
  EXPECT_GT(reference.vectors, 100u);
  EXPECT_THAT(reference.lines, testing::Contains(testing::HasSubstr("deleted@")));
  EXPECT_THAT(reference.lines, testing::Contains(testing::HasSubstr("skipped@")));
  EXPECT_EQ(Difference(Through({"hops", *embedded, durable}), reference), "");
  if (test::SharedKafka::server() == nullptr) GTEST_SKIP() << test::SharedKafka::missing();
  const auto kafka = std::move(*log::KafkaLog::Open({.bootstrap_servers = test::SharedKafka::server()->bootstrap()}));
  EXPECT_EQ(Difference(Through({"kafka", *kafka, {}}), reference), "");
  EXPECT_EQ(Difference(Through({"kafka-hops", *kafka, durable}), reference), "");
}

}  // namespace
}  // namespace freshet
