// SourceConnector: what a source of five functions gets for nothing, and that no crash between two writes loses a
// thing.
#include "connectors/source/source_connector.h"

#include <gtest/gtest.h>

#include "connectors/kit/kit_host.h"
#include "connectors/kit/model_sink.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

// A table with a change log, as databases have them: the position is a place in the log.
struct Table {
  std::map<std::string, std::string> rows;
  std::vector<std::pair<std::string, std::optional<std::string>>> changes;
  size_t forgotten = 0;     // changes that the log has dropped
  size_t acknowledged = 0;  // let go by the reader
  SnapshotPolicy policy = SnapshotPolicy::kOnce;
  bool own_versions = true;
  Status failure;
  bool forgets = false;

  void Put(const std::string& id, const std::string& text) {
    rows[id] = text;
    changes.emplace_back(id, text);
  }
  void Remove(const std::string& id) {
    rows.erase(id);
    changes.emplace_back(id, std::nullopt);
  }
};

class TableSource final : public Source {
 public:
  explicit TableSource(Table& table) : table_(table) {}
  Status Check() override { return table_.failure; }
  SnapshotPolicy snapshot_policy() const override { return table_.policy; }
  Status Open(SourceStart start) override {
    clock_ = start.clock;
    if (table_.forgets) FRESHET_RETURN_IF_ERROR(start.forget_position());
    is_new_ = start.position.empty();
    next_ = is_new_ ? table_.changes.size() : std::stoul(start.position);
    return table_.failure;
  }
  void Close() override {}

  Result<SourceBatch> Snapshot(const std::string& cursor) override {
    if (!table_.failure.ok()) return table_.failure;
    SourceBatch batch;
    const uint64_t low = table_.changes.size();
    batch.first = cursor.empty();
    if (table_.own_versions) batch.begin = {1, low, 2};
    auto row = cursor.empty() ? table_.rows.begin() : table_.rows.upper_bound(cursor);
    for (int i = 0; i < 2 && row != table_.rows.end(); ++i, ++row) {
      batch.events.push_back(Event(row->first, row->second, {1, low, 2}));
      batch.position = row->first;
    }
    batch.done = row == table_.rows.end();
    return batch;
  }
  Result<SourceBatch> Stream(Duration) override {
    if (!table_.failure.ok()) return table_.failure;
    SourceBatch batch;
    batch.snapshot_wanted = next_ < table_.forgotten;
    next_ = std::max(next_, table_.forgotten);
    for (int i = 0; i < 2 && next_ < table_.changes.size(); ++i, ++next_) {
      batch.events.push_back(Event(table_.changes[next_].first, table_.changes[next_].second, {1, next_ + 1, 1}));
    }
    if (!batch.events.empty() || batch.snapshot_wanted || is_new_) batch.position = std::to_string(next_);
    is_new_ = false;
    if (next_ == table_.changes.size()) batch.complete_up_to = clock_->Now();
    return batch;
  }
  Status Acknowledge(const std::string& position) override {
    table_.acknowledged = std::stoul(position);
    return OkStatus();
  }

 private:
  ChangeEvent Event(const std::string& id, const std::optional<std::string>& text, const Version& version) const {
    ChangeEvent event{.origin = {.document = DocumentId(id)}, .change = Delete{}};
    if (text) event.change = Upsert{.content = *text, .media_type = "text/plain"};
    if (table_.own_versions) event.origin.version = version;
    return event;
  }

  Table& table_;
  const Clock* clock_ = nullptr;
  size_t next_ = 0;
  bool is_new_ = false;
};

class SourceConnectorTest : public ::testing::Test {
 protected:
  SourceConnectorTest() { host.clock_in_use = &clock; }
  void Restart() { connector = std::make_unique<SourceConnector>(std::make_unique<TableSource>(table)); }
  Status Settle() {
    if (connector == nullptr) Restart();
    for (int i = 0; i < 10'000; ++i) {
      clock.Advance(1ms);
      FRESHET_ASSIGN_OR_RETURN(const bool did, connector->Step(host));
      if (!did) return OkStatus();
    }
    ADD_FAILURE() << "does not come to rest";
    return OkStatus();
  }
  std::map<std::string, std::string> Contents() const {
    kit::ModelSink sink;
    for (const kit::Published& one : host.published) sink.Apply(one.event);
    return sink.Contents();
  }
  size_t Edges() const {
    return static_cast<size_t>(std::count_if(host.published.begin(), host.published.end(), [](const auto& one) {
      return std::holds_alternative<SnapshotEdge>(one.event.change);
    }));
  }

  Table table;
  ManualClock clock{FromMicros(1'800'000'000'000'000)};
  kit::KitHost host;
  std::unique_ptr<SourceConnector> connector;
};

TEST_F(SourceConnectorTest, OverItsRateASnapshotRestsAndTheStreamGoesOn) {
  for (const char* name : {"a", "b", "c", "d", "e"}) table.Put(name, "old");
  Restart();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(connector->Step(host).ok());
  host.too_fast = true;
  const size_t before = Contents().size();
  ASSERT_LT(before, 5u);
  table.Put("f", "new");
  table.Remove("a");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents().contains("f"), true);
  EXPECT_EQ(Contents().contains("a"), false);
  EXPECT_LT(Contents().size(), table.rows.size());
  host.too_fast = false;
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents().size(), table.rows.size());
}

TEST_F(SourceConnectorTest, ListsOnceAndThenFollows) {
  for (const char* id : {"a", "b", "c", "d", "e"}) table.Put(id, "1");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents(), table.rows);
  EXPECT_EQ(Edges(), 2u);
  table.Put("b", "2");
  table.Remove("c");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents(), table.rows);
  Restart();
  table.Put("f", "1");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents(), table.rows);
  EXPECT_EQ(Edges(), 2u) << "listed again without need";
  EXPECT_EQ(host.violations, std::vector<std::string>());
}

TEST_F(SourceConnectorTest, AcknowledgesOnlyWhatIsStored) {
  ASSERT_TRUE(Settle().ok());
  clock.Advance(1s);
  table.Put("a", "1");
  ASSERT_TRUE(connector->Step(host).ok());
  EXPECT_EQ(host.published.back().event.origin.document, DocumentId("a"));
  EXPECT_EQ(table.acknowledged, 0u) << "published, and not stored yet";
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(table.acknowledged, 1u);
  EXPECT_EQ(host.positions.at("position"), "1");
}

TEST_F(SourceConnectorTest, LostHistoryIsMadeGoodByASnapshot) {
  for (const char* id : {"a", "b", "c"}) table.Put(id, "1");
  ASSERT_TRUE(Settle().ok());
  Restart();
  table.Remove("a");
  table.Put("b", "2");
  table.forgotten = table.changes.size();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents(), table.rows);
  EXPECT_EQ(Edges(), 4u);
}

TEST_F(SourceConnectorTest, ASnapshotIsTakenWhenAskedForAndOnlyOnce) {
  table.Put("a", "1");
  ASSERT_TRUE(Settle().ok());
  host.request = 1;
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Edges(), 4u);
  Restart();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Edges(), 4u);
}

TEST_F(SourceConnectorTest, VersionsOfItsOwnGrowUnderAClockThatGoesBack) {
  table.own_versions = false;
  table.policy = SnapshotPolicy::kEachOpen;
  table.Put("a", "1");
  ASSERT_TRUE(Settle().ok());
  clock.Advance(-24h);
  Restart();
  table.Put("a", "2");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents(), table.rows);
}

TEST_F(SourceConnectorTest, AHeartbeatVouchesForBackfillOnlyWithoutASnapshot) {
  for (const char* id : {"a", "b", "c", "d", "e"}) table.Put(id, "1");
  ASSERT_TRUE(Settle().ok());
  for (int i = 0; i < 5; ++i) {
    clock.Advance(1s);
    ASSERT_TRUE(Settle().ok());
  }
  ASSERT_GE(host.beats.size(), 5u);
  EXPECT_EQ(host.beats.back().lanes.size(), 3u);
  size_t end = 0;
  while (!std::holds_alternative<SnapshotEdge>(host.published[end].event.change) || end == 0) ++end;
  for (const kit::Beat& beat : host.beats) {
    if (beat.lanes.size() == 3) {
      EXPECT_GT(beat.published, end);
    }
    EXPECT_LE(beat.time, clock.Now());
  }
}

TEST_F(SourceConnectorTest, AFailingSourceBeginsAnewAndNothingIsDeleted) {
  table.Put("a", "1");
  ASSERT_TRUE(Settle().ok());
  table.failure = Status(Code::kUnavailable, "down");
  EXPECT_EQ(Settle().code(), Code::kUnavailable);
  EXPECT_EQ(Settle().code(), Code::kUnavailable);
  table.failure = OkStatus();
  table.Put("b", "1");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Contents(), table.rows);
}

TEST_F(SourceConnectorTest, WhatWasPublishedBeforeAnErrorIsStored) {
  ASSERT_TRUE(Settle().ok());
  table.Put("a", "1");
  ASSERT_TRUE(connector->Step(host).ok());
  ASSERT_EQ(Contents().size(), 1u);
  table.failure = Status(Code::kUnavailable, "gone");
  ASSERT_FALSE(connector->Step(host).ok());
  EXPECT_EQ(host.positions["position"], "1");
}

TEST_F(SourceConnectorTest, APositionIsForgottenBeforeItsSourceIsMadeAnew) {
  table.Put("a", "1");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(host.positions.contains("position"));
  table.forgets = true;
  Restart();
  ASSERT_TRUE(connector->Step(host).ok()) << "it opens, and no more";
  connector.reset();
  EXPECT_FALSE(host.positions.contains("position"));
  table.forgets = false;
  const size_t edges = Edges();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Edges(), edges + 2) << "everything is listed";
}

// At every write that a run makes, before it or after it, the process is gone; then it comes again.
TEST_F(SourceConnectorTest, NoCrashBetweenTwoWritesLosesAnything) {
  for (const bool own : {true, false}) {
    for (const auto crash : {kit::KitHost::Crash::kBefore, kit::KitHost::Crash::kAfter}) {
      for (size_t at = 1; at < 40; ++at) {
        SCOPED_TRACE(testing::Message() << "own=" << own << " crash=" << static_cast<int>(crash) << " at=" << at);
        table = Table{.own_versions = own};
        host.published.clear();
        host.positions.clear();
        Restart();
        for (const char* id : {"a", "b", "c", "d", "e"}) table.Put(id, "1");
        host.CrashAt(at, crash);
        (void)connector->Step(host);
        (void)connector->Step(host);
        table.Put("b", "2");
        table.Remove("e");
        (void)Settle();
        host.Revive();
        Restart();
        table.Remove("a");
        ASSERT_TRUE(Settle().ok());
        ASSERT_EQ(Contents(), table.rows);
      }
    }
  }
}

TEST_F(SourceConnectorTest, RunEndsWhenToldTo) {
  Restart();
  host.stop = true;
  EXPECT_TRUE(connector->Run(host).ok());
  EXPECT_EQ(connector->Fetch(DocumentId("a")).code(), Code::kUnsupportedChange);
}

}  // namespace
}  // namespace freshet
