// SinkTest: a sink over an index on a disk in memory, its inputs given by hand, for the tests of sink.h.
//
//   Put(live_, {.id = "a", .text = "floor\n"});   Urgent(Delete{}, "b", 9);   Drain();   Found()    // "a@1"
#pragma once

#include <gtest/gtest.h>

#include "services/index/sink.h"
#include "services/index/testing/embedded_documents.h"
#include "services/index/testing/list_receiver.h"
#include "tests/support/crash_directory.h"

namespace freshet::index {

using freshet::testing::EmbeddedOf;
using freshet::testing::ListReceiver;
using freshet::testing::SourceOrigin;
using freshet::testing::TestDocument;
using freshet::testing::TestKeys;
using namespace std::chrono_literals;

inline constexpr Stream kUrgent{0}, kLive{1}, kBackfill{2}, kGroups{3};
inline const CollectionName kPolicies("policies");

// Keeps "document code", or fails.
class LetterList final : public DeadLetters {
 public:
  Status Write(std::span<const SkippedInput> inputs) override {
    if (!fails.ok()) return fails;
    for (const SkippedInput& input : inputs) {
      lines.push_back(input.origin.document.value + " " + std::string(freshet::NameOf(input.skipped.code)));
    }
    return OkStatus();
  }
  Status fails;
  std::vector<std::string> lines;
};

class SinkTest : public ::testing::Test {
 protected:
  SinkTest() { Open(); }

  void Open() {
    auto index = Index::Open({.store = {.path = "/index",
                                        .env = disk_.env(),
                                        .open_directory = test::CrashDirectories(disk_),
                                        .partitions = 1,
                                        .access_streams = {kUrgent, kGroups},
                                        .block_cache_bytes = 1 << 20,
                                        .lexical_buffer_mb = 1}},
                             TestKeys());
    ASSERT_TRUE(index.ok()) << index.status().ToString();
    index_ = std::move(*index);
    const SinkInputs inputs{.urgent = &urgent_, .groups = &groups_, .live = &live_, .backfill = &backfill_};
    sink_ = std::make_unique<Sink>(
        *index_, inputs,
        SinkOptions{.clock = &clock_,
                    .metrics = &metrics_,
                    .dead_letters = &letters_,
                    .batch = {.max_records = 4},
                    .look =
                        [this](const Origin& origin, const CleanDocument&) {
                          return withheld_.contains(origin.document.value) ? Code::kQuarantined : Code::kOk;
                        },
                    .on_maintained = [this](store::IndexStore&) { ++maintained_; }});
  }
  // From here on the next content is not shown before its lane's interval has passed.
  void ShowFirst() {
    Allow({Principal("user:ada")});
    Put(live_, {.id = "first", .text = "floor\n"});
    Drain();
  }
  bool Step() {
    const Result<bool> worked = sink_->Step();
    EXPECT_TRUE(worked.ok()) << worked.status().ToString();
    return worked.ok() && *worked;
  }
  void Drain() {
    for (int i = 0; i < 100 && Step(); ++i) clock_.Advance(1ms);
    Step();
  }

  void Allow(std::vector<Listed> allow, uint64_t version = 1) {
    Urgent(AccessChange{.scope = ScopeId("open"), .allow = std::move(allow)}, "", version);
  }
  void Urgent(UrgentChange change, std::string_view document, uint64_t version) {
    Origin origin = SourceOrigin("files", "policies", version);
    origin.document = DocumentId(document);
    origin.committed = clock_.Now();
    urgent_.Add({std::move(origin), std::move(change)});
  }
  void Put(ListReceiver<EmbeddedDocument>& lane, TestDocument document) {
    if (document.committed == Time{}) document.committed = clock_.Now();
    lane.Add(EmbeddedOf(document));
  }
  std::string Found() const {
    std::set<std::string> names;
    const auto view = index_->store().CurrentView();
    const store::Access ada{.principals = {Principal("user:ada")}, .default_max_staleness = Duration::max()};
    const auto filter = view->FilterFor(kPolicies, ada, {});
    if (!filter) return "";
    for (const store::Hit& hit : view->SearchLexical(kPolicies, "floor", 100, *filter)) {
      const auto document = view->Document(kPolicies, hit.document);
      if (!document.ok()) continue;
      names.insert(document->origin.document.value + "@" + std::to_string(document->origin.version.position));
    }
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }
  uint64_t Next(Stream stream) const { return index_->store().NextOffset(stream, Partition(0)).value; }
  store::Account AccountOf(Stream stream) const { return index_->store().Accounts().at({stream, Partition(0)}); }
  LatencyCounts Latency(const char* operation) {
    return metrics_.HistogramOf<Metric::kSearchable>("files", operation).Snapshot();
  }

  ManualClock clock_{Time(1000h)};
  MetricRegistry metrics_;
  test::CrashDisk disk_{1};
  ListReceiver<UrgentChange> urgent_{kUrgent}, groups_{kGroups};
  ListReceiver<EmbeddedDocument> live_{kLive}, backfill_{kBackfill};
  LetterList letters_;
  std::set<std::string> withheld_;  // by the last look
  int maintained_ = 0;
  std::unique_ptr<Index> index_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace freshet::index
